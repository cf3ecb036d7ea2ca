import { expect, test } from "vitest";
import { explain } from "../../../provider/apply/failure";

test.each([
  [
    "a client that holds the GPU (B103)",
    "create_gpu_instance",
    "no GPU instance of profile 14 was created at slice 6 of 0000:c8:00.0: Unable to create a GPU instance on GPU  0 using profile 14: In use by another client; Xorg (pid 812) has it open",
    /Xorg \(pid 812\) has it open$/,
    /^Stop that process/,
  ],
  [
    "a vGPU on the instance (B128)",
    "destroy_gpu_instance",
    "the GPU instance 3 of 0000:c8:00.0 is still there: Unable to destroy GPU instance ID  3 from GPU  0: In use by another client",
    /In use by another client$/,
    /fuser -v/,
  ],
  [
    "displays on a workstation GPU (B117)",
    "set_mig_mode",
    "MIG mode of 0000:c8:00.0 is still Disabled: Unable to enable MIG Mode for GPU 00000000:C8:00.0: Not Supported",
    /^the GPU refuses MIG mode/,
    /displaymodeselector/,
  ],
  [
    "no room (B104)",
    "create_gpu_instance",
    "no GPU instance of profile 9 was created at slice 4 of 0000:c8:00.0: Unable to create a GPU instance on GPU  0 using profile 9: Insufficient Resources",
    /^the GPU has no room/,
    /^Run it again/,
  ],
  [
    "a GPU that does not mix sizes",
    "set_mixed_sizes",
    "mixed-size mode of 0000:41:00.0 is still Disabled: Unable to set vGPU heterogeneous mode for GPU 00000000:41:00.0: Not Supported",
    /^the GPU does not mix framebuffer sizes/,
    /^Choose types of one size/,
  ],
  [
    "a success that did nothing (B84)",
    "create_gpu_instance",
    "no GPU instance of profile 9 was created at slice 4 of 0000:c8:00.0: nvidia-smi reported success",
    /^nvidia-smi reported success, but nothing changed/,
    /reboot the host$/,
  ],
])("nvidia-smi is explained: %s", (_, step, line, cause, hint) => {
  expect(explain(step, [line])).toMatchObject({
    cause: expect.stringMatching(cause) as string,
    hint: expect.stringMatching(hint) as string,
  });
});
