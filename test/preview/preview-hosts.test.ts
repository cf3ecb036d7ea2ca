import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
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
const card = (vgpus: object, named: object = {}) => ({
  a: LayoutArguments.parse({ gpu: { model: "A40" }, vgpus, named }),
});
const at = (facts: HostFacts) => ({ factsAt: async () => facts });
const stepsOf = async (wanted: DesiredHost, facts: HostFacts) => {
  const [outlook] = await previewHosts([wanted], at(facts));
  return outlook!.status === "reachable"
    ? [...outlook!.plan.blockers.map(({ reason }) => reason), ...outlook!.plan.steps.map(({ id }) => id)]
    : [outlook!];
};

describe("hosts", () => {
  test("are told in the order in which they were given, each as it is", async () => {
    const away = new UserError({ action: "reach sshd", host: "gpu02.example", cause: "connection refused" });
    const factsAt = async ({ host: address }: { host: string }) => {
      if (address === "gpu02.example") throw away;
      return factsOf("debian-12-a40-mdev");
    };
    const hosts = [host("gpu01"), host("gpu02"), host("gpu03", { maintenance: "DIMM" })];
    expect((await previewHosts(hosts, { factsAt })).map(({ host, status }) => [host, status])).toEqual([
      ["gpu01", "reachable"],
      ["gpu02", "unreachable"],
      ["gpu03", "maintenance"],
    ]);
  });

  test("that are away say why, without the secrets of their connection", async () => {
    const factsAt = async () => {
      throw new UserError({ action: "log in", cause: "the password hunter2 was refused" });
    };
    const [outlook] = await previewHosts([host("gpu01", { connection: { host: "x", password: "hunter2" } })], {
      factsAt,
    });
    expect(outlook).toMatchObject({
      status: "unreachable",
      reason: expect.stringContaining("Could not log in") as string,
    });
    expect(JSON.stringify(outlook)).not.toContain("hunter2");
  });

  test("are not hidden by a package that is not there; it is read once for all of them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "package-"));
    const there = join(folder, "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run");
    writeFileSync(there, "stand-in");
    const driver = (path: string) => ({ driver: DriverArguments.parse({ package: path }) });
    const missing = join(folder, "NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run");
    const outlooks = await previewHosts(
      [host("gpu01", driver(there)), host("gpu02", driver(missing))],
      at(factsOf("debian-12-bare-nouveau")),
    );
    const blockers = outlooks.map((one) =>
      one.status === "reachable" ? one.plan.blockers.map(({ reason }) => reason) : [],
    );
    expect(blockers[0]!.join()).not.toContain("Could not read the package");
    expect(blockers[1]![0]).toContain(`Could not read the package for ${missing}`);
  });
});

describe("without a state, what a stack made is known from the host", () => {
  const owner = "acme/prod#1f3a9c2d";
  const urn =
    "urn:pulumi:prod::acme::nvidia-vgpu:index:VgpuFleet$nvidia-vgpu:index:VgpuHost$pulumi-nodejs:dynamic/nvidia-vgpu:VgpuLayout::gpu01/a";
  const uuid = (place: string) => uuidOf(`${urn}::${place}`);
  function withVgpus(...places: string[]): HostFacts {
    const model = new ModelHost();
    const a40 = model.add("A40", "0000:41:00.0");
    places.forEach((place, i) => {
      const type = typeBy("A40", "A40-12Q");
      model.make(a40, functionsOf(a40)[i]!, type, uuid(place));
      model.records.set(uuid(place), { uuid: uuid(place), function: functionsOf(a40)[i]!, typeId: type.id, owner });
    });
    return model.facts();
  }

  test("as wanted, nothing is to be done", async () => {
    expect(
      await stepsOf(host("gpu01", { layouts: card({ "A40-12Q": 2 }) }), withVgpus("A40-12Q#1", "A40-12Q#2")),
    ).toEqual([]);
  });

  test("one with a name is found under the identity that the stack gave it", async () => {
    expect(await stepsOf(host("gpu01", { layouts: card({}, { cad: { type: "A40-12Q" } }) }), withVgpus("cad"))).toEqual(
      [],
    );
  });

  test("what is wanted no more is to go", async () => {
    const steps = await stepsOf(
      host("gpu01", { layouts: card({ "A40-12Q": 1 }) }),
      withVgpus("A40-12Q#1", "A40-12Q#2", "cad"),
    );
    expect(steps).toEqual([`remove_mdev ${uuid("A40-12Q#2")}`, `remove_mdev ${uuid("cad")}`]);
  });
});
