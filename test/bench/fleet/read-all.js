// The ssh part of a preview alone: reads the facts of all hosts of connections.json at once, by the same code as the provider process.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { hostAt } = require(join(__dirname, "..", "..", "..", "dist", "host"));

const connections = JSON.parse(readFileSync(process.argv[2], "utf8"));
Promise.all(connections.map((connection) => hostAt(connection).facts())).then((all) => {
  const different = new Set(all.map(({ system }) => system.identity.productUuid));
  if (different.size !== connections.length)
    throw new Error(`${connections.length} hosts, but only ${different.size} different ones`);
});
