import { expect, test } from "vitest";
import { explainVgpu } from "../../../provider/apply/explain/explainers";

const refused = (reason: string) => `the driver refuses NVIDIA L40S-4Q on 0000:3d:00.4: nvidia 0000:3d:00.4: ${reason}`;

test.each([
  ["a VF that was bound again (B78)", "nvidia-vgpu-vfio: vfio_pci_core_device not found", /taken from its driver/],
  ["MIG without instances (B73)", "NVRM: Failed to add vgpu create request: 0x38", /MIG mode/],
  ["MIG without a free instance (B118)", "NVRM: Failed to add vgpu create request: 0x40", /no GPU instance .* is free/],
  ["another size (B54)", "NVRM: Failed to add vgpu create request: 0x56", /another framebuffer size/],
  [
    "a GPU that does not settle (B74)",
    "NVRM: kvgpumgrCreateRequestVgpu: GPU is not initialized yet",
    /not initialised/,
  ],
])("%s", (_, reason, seen) => {
  expect(explainVgpu(refused(reason))).toMatchObject({ cause: expect.stringMatching(seen) as string });
});

test("a message before a retry is not the cause", () => {
  expect(
    explainVgpu("0000:3d:00.4: the GPU is not initialised yet, trying again\n0000:3d:00.4 has type 1150 already"),
  ).toBeNull();
});
