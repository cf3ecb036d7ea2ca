import { expect, test } from "vitest";
import { pciAddress } from "../../../provider/model/pci-address";
import { checked, factsOf, owner, stage } from "../fake-host";

const uuid = "abcdefab-1111-4222-8333-000000000001";
const at = pciAddress("0001:c8:00.4");
const facts = () => ({
  ...factsOf("ubuntu-24.04-l40s-vendor"),
  records: [{ uuid, function: at, typeId: 1153, owner }],
});

test("in the vendor framework, which has no UUIDs, the record on the host has the VF", async () => {
  const on = stage(facts());
  const inputs = await checked(on.vgpu, "MdevVgpu", "cad", {
    gpu: { model: "L40S" },
    type: "L40S-12Q",
    uuid,
    parameters: "enable_uvm=1",
  });
  const { outs } = await on.vgpu.create(inputs);
  expect(outs).toMatchObject({ uuid, framework: "vendor", parentAddress: at, typeId: 1153, pending: [] });
  expect(outs.hostdevXml).toContain("<address domain='0x0001' bus='0xc8' slot='0x00' function='0x4'/>");

  const { vgpus, ...rest } = facts();
  on.host.now = {
    ...rest,
    vgpus: vgpus.map((vgpu) => (vgpu.function === at ? { ...vgpu, type: { id: 1150, name: "NVIDIA L40S-6Q" } } : vgpu)),
  };
  expect(await on.vgpu.read(uuid, outs), "a VF with another type has another owner (B77)").toEqual({});
});

test("drifted parameters and places are in the returned inputs", async () => {
  const on = stage(facts());
  const inputs = await checked(on.vgpu, "MdevVgpu", "cad", {
    gpu: { model: "L40S" },
    type: "L40S-12Q",
    uuid,
    parameters: "enable_uvm=1",
    virtualFunction: 0,
  });
  const { outs } = await on.vgpu.create(inputs);
  const { vgpus, ...rest } = facts();
  on.host.now = { ...rest, vgpus: vgpus.map((vgpu) => (vgpu.function === at ? { ...vgpu, parameters: "" } : vgpu)) };
  const read = await on.vgpu.read(uuid, outs);
  expect(read.inputs).not.toHaveProperty("parameters");
  expect(read.inputs).toMatchObject({ virtualFunction: 0 });
  expect(read.props!.pending).not.toEqual([]);
});
