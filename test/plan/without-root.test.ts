import { describe, expect, test } from "vitest";
import { SriovArguments } from "../../provider/model/desired/sriov";
import { LayoutArguments } from "../../provider/model/desired/vgpu";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import type { HostPreview } from "../../provider/preview/host-preview";
import { previewHosts } from "../../provider/preview/preview-hosts";
import { driftText, previewText } from "../../provider/report";
import { factsOf, restoring } from "../lifecycle/fake-host";
import { asUser, unreadableRecords } from "./as-user";

const read = restoring(factsOf("lab-t4-a40-a100"));
const a40 = "0000:41:00.0";
const there = read.vgpus.filter(({ gpu }) => gpu === a40);
const counts = Object.fromEntries(
  [...new Set(there.map(({ type }) => type.name!.replace(/^.* /, "")))].map((name) => [name, there.length]),
);

/** Nothing runs on it, so that root may change all. */
const idle = (facts: HostFacts): HostFacts => ({
  ...facts,
  holders: [],
  vgpus: facts.vgpus.map((one) => ({ ...one, users: [] })),
});

async function preview(facts: HostFacts, vgpus: object = counts): Promise<HostPreview[]> {
  const gpu = { address: a40 };
  const parts = { sriov: SriovArguments.parse({ gpus: [gpu] }), layouts: { a: LayoutArguments.parse({ gpu, vgpus }) } };
  return previewHosts([{ host: "gpu01", connection: { host: "gpu01" }, ...parts }], { factsAt: async () => facts });
}
const changes = ([one]: HostPreview[]) => (one?.status === "reachable" ? [one.plan.steps, one.plan.blockers] : one);

describe("a host that is read without root", () => {
  test("has the changes that root would find if nothing ran there", async () => {
    const withoutVfs = (facts: HostFacts): HostFacts => ({
      ...facts,
      vgpus: facts.vgpus.filter(({ gpu }) => gpu !== a40),
      gpus: facts.gpus.map((gpu) =>
        gpu.address === a40
          ? {
              ...gpu,
              sriov: { ...gpu.sriov!, enabled: 0 },
              types: [],
              framework: null,
              functions: gpu.functions.slice(0, 1),
            }
          : gpu,
      ),
    });
    for (const facts of [idle(read), withoutVfs(idle(read)), { ...idle(read), vgpus: [] }])
      expect(changes(await preview(asUser(facts)))).toEqual(changes(await preview(facts)));
    expect(changes(await preview(asUser(withoutVfs(read))))).toMatchObject([
      { length: expect.any(Number) as number },
      [],
    ]);
  });

  test("is in sync, and the report names what could not be read", async () => {
    const text = driftText(await preview(asUser(idle(read))));
    expect(text).toContain("1 host: no differences.");
    expect(text).toContain("gpu01: not readable without root: who uses GPUs and vGPUs");
  });

  test("is neither in sync nor different if the records of its vGPUs are not readable", async () => {
    const previews = await preview(asUser({ ...read, records: unreadableRecords }));
    expect(previewText(previews).text).toContain("Fleet of 1 host: 1 not fully readable.");
    expect(previewText(previews).isBlocked).toBe(false);
    expect(driftText(previews)).toMatch(/whether the vGPUs are in sync is not known/i);
  });

  test("is blocked for root if the records are not readable", async () => {
    const previews = await preview({ ...read, records: unreadableRecords });
    expect(previewText(previews)).toMatchObject({
      isBlocked: true,
      text: expect.stringContaining("records of earlier runs") as string,
    });
  });
});
