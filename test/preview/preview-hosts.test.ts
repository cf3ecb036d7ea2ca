import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { restorerDigest } from "../../provider/apply";
import { uuidOf } from "../../provider/lifecycle/engine/urn";
import { DriverArguments } from "../../provider/model/desired/driver";
import { LayoutArguments } from "../../provider/model/desired/vgpu";
import { UserError } from "../../provider/model/errors";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import type { DesiredHost } from "../../provider/preview/desired-host";
import { previewHosts } from "../../provider/preview/preview-hosts";
import { factsOf } from "../lifecycle/fake-host";
import { functionsOf, typeBy } from "../plan/model/cards";
import { ModelHost } from "../plan/model/host";

const host = (name: string, more: Partial<DesiredHost> = {}): DesiredHost => ({
  host: name,
  connection: { host: `${name}.example` },
  layouts: {},
  ...more,
});
const gpuA = (vgpus: object, named: object = {}) => ({
  a: LayoutArguments.parse({ gpu: { model: "A40" }, vgpus, named }),
});
const at = (facts: HostFacts) => ({ factsAt: async () => facts });
const stepsOf = async (desired: DesiredHost, facts: HostFacts) => {
  const [preview] = await previewHosts([desired], at(facts));
  return preview!.status === "reachable"
    ? [...preview!.plan.blockers.map(({ reason }) => reason), ...preview!.plan.steps.map(({ id }) => id)]
    : [preview!];
};

describe("previewHosts", () => {
  test("returns a preview for each host, in the given order", async () => {
    const refused = new UserError({ action: "reach sshd", host: "gpu02.example", cause: "connection refused" });
    const factsAt = async ({ host: address }: { host: string }) => {
      if (address === "gpu02.example") throw refused;
      return factsOf("debian-12-a40-mdev");
    };
    const hosts = [host("gpu01"), host("gpu02"), host("gpu03", { maintenance: "DIMM" })];
    expect((await previewHosts(hosts, { factsAt })).map(({ host, status }) => [host, status])).toEqual([
      ["gpu01", "reachable"],
      ["gpu02", "unreachable"],
      ["gpu03", "maintenance"],
    ]);
  });

  test("gives the reason for an unreachable host, without the secrets of its connection", async () => {
    const factsAt = async () => {
      throw new UserError({ action: "log in", cause: "the password hunter2 was refused" });
    };
    const [preview] = await previewHosts([host("gpu01", { connection: { host: "x", password: "hunter2" } })], {
      factsAt,
    });
    expect(preview).toMatchObject({
      status: "unreachable",
      reason: expect.stringContaining("Could not log in") as string,
    });
    expect(JSON.stringify(preview)).not.toContain("hunter2");
  });

  test("turns a missing package into a blocker, and still plans the other hosts", async () => {
    const folder = mkdtempSync(join(tmpdir(), "package-"));
    const existing = join(folder, "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run");
    writeFileSync(existing, "stand-in");
    const driver = (path: string) => ({ driver: DriverArguments.parse({ package: path }) });
    const missing = join(folder, "NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run");
    const previews = await previewHosts(
      [host("gpu01", driver(existing)), host("gpu02", driver(missing))],
      at(factsOf("debian-12-bare-nouveau")),
    );
    const blockers = previews.map((one) =>
      one.status === "reachable" ? one.plan.blockers.map(({ reason }) => reason) : [],
    );
    expect(blockers[0]!.join()).not.toContain("Could not read the package");
    expect(blockers[1]![0]).toContain(`Could not read the package for ${missing}`);
  });
});

describe("without a state, the vGPUs of a stack are recognised by their records", () => {
  const owner = "acme/prod#1f3a9c2d";
  const urn =
    "urn:pulumi:prod::acme::nvidia-vgpu:index:VgpuFleet$nvidia-vgpu:index:VgpuHost$pulumi-nodejs:dynamic/nvidia-vgpu:VgpuLayout::gpu01/a";
  const uuid = (place: string) => uuidOf(`${urn}::${place}`);
  function withVgpus(...places: string[]): HostFacts {
    const model = new ModelHost();
    model.restorer = restorerDigest();
    const a40 = model.add("A40", "0000:41:00.0");
    places.forEach((place, i) => {
      const type = typeBy("A40", "A40-12Q");
      model.make(a40, functionsOf(a40)[i]!, type, uuid(place));
      model.records.set(uuid(place), {
        uuid: uuid(place),
        function: functionsOf(a40)[i]!,
        typeId: type.id,
        owner,
        restore: true,
      });
    });
    return model.facts();
  }

  test("matching vGPUs need no steps", async () => {
    expect(
      await stepsOf(host("gpu01", { layouts: gpuA({ "A40-12Q": 2 }) }), withVgpus("A40-12Q#1", "A40-12Q#2")),
    ).toEqual([]);
  });

  test("a named vGPU is found by the UUID that the stack gave it", async () => {
    expect(await stepsOf(host("gpu01", { layouts: gpuA({}, { cad: { type: "A40-12Q" } }) }), withVgpus("cad"))).toEqual(
      [],
    );
  });

  test("vGPUs that are no longer declared are removed", async () => {
    const steps = await stepsOf(
      host("gpu01", { layouts: gpuA({ "A40-12Q": 1 }) }),
      withVgpus("A40-12Q#1", "A40-12Q#2", "cad"),
    );
    expect(steps).toEqual([`remove_mdev ${uuid("A40-12Q#2")}`, `remove_mdev ${uuid("cad")}`]);
  });
});
