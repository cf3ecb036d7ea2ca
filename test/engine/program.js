// The program of the end-to-end tests: the resources that resources.json declares, in its order. `on` names one of them;
// `get` is the id of a resource that is only read; `native` makes it one of the native plugin; `provider` names an explicit one.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const declared = JSON.parse(readFileSync("resources.json", "utf8"), (_key, value) =>
  typeof value === "string" && value.startsWith("secret:") ? pulumi.secret(value.slice("secret:".length)) : value,
);
const made = {};
for (const { kind, name, get, native, provider, options: given = {}, ...args } of declared) {
  const library = require(native ? "pulumi-nvidia-vgpu/native" : "pulumi-nvidia-vgpu");
  const on = args.on === undefined ? {} : { on: made[args.on] };
  const all = { ...args, ...on };
  const options = { ...given, ...(provider && { provider: made[provider] }) };
  made[name] = get === undefined ? new library[kind](name, all, options) : library[kind].get(name, get, all, options);
}
