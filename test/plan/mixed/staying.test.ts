import { describe, expect, test } from "vitest";
import { vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { Plan, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { claimBy } from "../claim";
import { Refused, typeBy } from "../model/cards";
import { address, MixedHost } from "./mixed-host";

const guest = { guest: "cad", kind: "libvirt", running: true } as const;
const gpu = "0000:41:00.0 (NVIDIA A40)";

type Owner = "guest" | "me";

/** An A40 in mixed-size mode with 8Q vGPUs: `null` is a place that is free again. Their places are 0, 16, 24 and 40. */
function hostWith(showsPlaces: boolean, ...owners: (Owner | null)[]): MixedHost {
  const host = new MixedHost("A40", showsPlaces);
  host.isMixed = true;
  for (const [i, owner] of owners.entries()) {
    const vgpu = host.create(host.freeVfs[0]!, typeBy("A40", "A40-8Q"), `A40-8Q/${i + 1}`);
    if (owner === "guest") vgpu.users = [guest];
    const record = { uuid: vgpu.uuid, function: vgpu.function, typeId: vgpu.type.id, boot: "boot-1", owner: "me" };
    host.records.set(vgpu.uuid, record);
  }
  const isGone = (uuid: string) => owners[Number(uuid.split("/")[1]) - 1] === null;
  host.vgpus = host.vgpus.filter(({ uuid }) => !isGone(uuid));
  for (const uuid of [...host.records.keys()].filter(isGone)) host.records.delete(uuid);
  return host;
}

/** Declares what is there, and new vGPUs. */
function declared(host: MixedHost, added: Record<string, number>): VgpuGoal {
  const present = host.vgpus.map(({ uuid }) => ({ uuid, type: vgpuTypeName("A40-8Q"), interchangeable: true }));
  const missing = Object.entries(added).flatMap(([type, count]) =>
    Array.from({ length: count }, (_, i) => ({
      uuid: `${type}/${i + 1}`,
      type: vgpuTypeName(type),
      interchangeable: true,
    })),
  );
  const common = { claim: claimBy("me"), gpu: { address }, managesWholeGpu: true, obsolete: [] };
  return { ...common, kind: "vgpus", key: "layout", desired: [...present, ...missing] };
}

const commands = ({ steps }: Plan) => steps.map(({ command: [name, ...words] }) => `${name} ${words.join(" ")}`);
const notes = (planned: Plan) => planned.notes.map(({ message }) => message);
const placesOf = (host: MixedHost) => host.vgpus.map(({ uuid, place }) => `${uuid}@${place}`);

describe("next to vGPUs that stay, of which the driver shows no place", () => {
  test("new ones are planned by the places in which vGPUs can be created: smaller ones first, where that leaves a place for larger ones", () => {
    const host = hostWith(true, null, "guest");
    const layout = declared(host, { "A40-12Q": 1, "A40-24Q": 1 });
    const planned = plan(host.facts(), [layout]);
    expect([planned.blockers, planned.notes]).toEqual([[], []]);
    for (const { command } of planned.steps) host.run(command);
    expect(placesOf(host)).toEqual(["A40-8Q/2@16", "A40-24Q/1@24", "A40-12Q/1@0"]);
  });

  test("a free one is removed and created again with its UUID, where it takes the only place for another", () => {
    const host = hostWith(true, null, "me", "guest");
    const planned = plan(host.facts(), [declared(host, { "A40-24Q": 1 })]);
    expect([planned.blockers, planned.notes]).toEqual([[], []]);
    expect(planned.steps.map(({ command: [name, , , uuid], reason }) => [name, uuid ?? "", reason])).toEqual([
      ["remove_mdev", "", "its place in mixed-size mode is needed for others"],
      ["create_mdev", "A40-24Q/1", "missing"],
      ["create_mdev", "A40-8Q/2", "its place in mixed-size mode is needed for others"],
    ]);
    for (const { command } of planned.steps) host.run(command);
    expect(placesOf(host)).toEqual(["A40-8Q/3@24", "A40-24Q/1@0", "A40-8Q/2@40"]);
  });

  test("nothing is done if those in use leave no place: the blocker names them", () => {
    const host = hostWith(true, null, "guest", "guest");
    const { steps, blockers } = plan(host.facts(), [declared(host, { "A40-24Q": 1 })]);
    expect(steps).toEqual([]);
    const used = (n: number, vf: string) =>
      `the A40-8Q A40-8Q/${n} on ${vf} is used by the guest cad (running in libvirt)`;
    expect(blockers.map(({ reason, hint }) => [reason, hint])).toEqual([
      [
        `${gpu} has no places for 1 × A40-24Q in mixed-size mode, in which each size has places of its own, and ${used(2, "0000:41:00.5")} and ${used(3, "0000:41:00.6")}`,
        "Shut the guest down and take the vGPU out of its definition",
      ],
    ]);
  });

  test("a plan that may be refused reports it, removes no free vGPU, and after the refusal the next one names what stays", () => {
    const host = hostWith(false, null, "guest", "guest");
    const layout = declared(host, { "A40-24Q": 1 });
    const planned = plan(host.facts(), [layout]);
    // A driver that shows nothing else offers types on VFs. This one offers none of this size.
    expect(commands(planned)).toEqual([]);
    expect(planned.blockers[0]!.reason).toMatch(/has no room for A40-24Q on 0000:41:00\.4 now/);

    const other = hostWith(false, "guest");
    const large = declared(other, { "A40-24Q": 1, "A40-16Q": 1 });
    const unsure = plan(other.facts(), [large]);
    expect(notes(unsure)).toEqual([
      `the driver does not show where in the memory of ${gpu} the A40-8Q A40-8Q/1 on 0000:41:00.4 is, so it may refuse A40-24Q or A40-16Q. No vGPU that stays is lost then`,
    ]);
    const run = () => {
      for (const { command } of unsure.steps) other.run(command);
    };
    expect(run).toThrow(Refused);
    expect(placesOf(other)).toEqual(["A40-8Q/1@0", "A40-24Q/1@24"]);
    const next = plan(other.facts(), [large]);
    expect(next.steps).toEqual([]);
    expect(next.blockers).toHaveLength(1);
    expect(next.blockers[0]!.reason).toMatch(/has no (?:room|places) for /);
  });
});
