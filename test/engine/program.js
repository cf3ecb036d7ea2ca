// The program of the end-to-end tests: the resources that resources.json declares, in its order. A property `on` names one of them.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const library = require("pulumi-nvidia-vgpu");

const declared = JSON.parse(readFileSync("resources.json", "utf8"), (key, value) =>
  typeof value === "string" && value.startsWith("secret:") ? pulumi.secret(value.slice("secret:".length)) : value,
);
const made = {};
for (const { kind, name, options = {}, ...args } of declared) {
  const on = args.on === undefined ? {} : { on: made[args.on] };
  made[name] = new library[kind](name, { ...args, ...on }, options);
}
