// Replaces "pulumi-nvidia-vgpu/provider" in a provider process: the same code, on a host in memory that behaves by its name.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const dist = join(__dirname, "..", "..", "dist");
const { engineSink } = require(`${dist}/lifecycle/engine/log`);
const { handlerFor } = require(`${dist}/lifecycle/handler`);
const { vgpu } = require(`${dist}/lifecycle/kinds/vgpu`);
const { exitWhenOrphaned } = require(`${dist}/lifecycle/engine/orphan`);
const { UserError } = require(`${dist}/model/errors`);
const { plan } = require(`${dist}/plan`);
const { hostFacts } = require(`${dist}/probe`);

exitWhenOrphaned();
const owner = "acme/prod#0";
const uuid = "00000043-1111-4222-8333-000000000043";
const captured = hostFacts(readFileSync(join(__dirname, "..", "captures", "debian-12-a40-mdev.txt"), "utf8"));
const facts = { ...captured, records: [{ uuid, function: "0000:41:01.1", typeId: 570, owner, instance: "1" }] };

/** @param {{ host: string, password?: string }} connection */
const hostAt = ({ host, password }) => ({
  lastFacts() {
    return undefined;
  },

  async facts() {
    if (host === "unreachable")
      throw new UserError({ action: `reach sshd with ${password}`, host, cause: "connection refused" });
    if (host === "broken") throw Object.assign(new Error("a mistake"), { id: "7" });
    return host === "empty" ? { ...facts, vgpus: [] } : facts;
  },
  /** @param {import("../../provider/host").Request} request */
  async ensure({ goal, progress }) {
    await this.facts();
    for (let i = 0; i < 3; i++) progress(`logging in with ${password}`);
    if (host === "slow") {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      progress("at its end");
    }
    const remaining = plan(facts, [goal]);
    const applied = host === "partial" ? [{ step: { id: "x" }, result: "done", seconds: 1, output: "" }] : [];
    const failure =
      host === "partial" ? new UserError({ action: `use ${password}`, host, cause: "it broke" }) : undefined;
    return { found: facts, facts, remaining, applied, failure };
  },
});

const world = {
  hostAt,
  sink: engineSink(process.argv.at(-1)),
  ownerOf: () => owner,
  newInstance: () => "1",
  now: () => new Date(),
};
exports.MdevVgpu = handlerFor(vgpu, world);
