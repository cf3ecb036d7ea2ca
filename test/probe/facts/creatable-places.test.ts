import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostFacts } from "../../../provider/probe";

const captured = readFileSync(join(__dirname, "..", "..", "captures", "debian-12-a40-mdev.txt"), "utf8");

/** The answer of `nvidia-smi vgpu -c -v` for an A40 in mixed-size mode, as R550 prints it. */
const answer = `GPU 00000000:41:00.0
    vGPU Type ID                          : 0x235
        Name                              : NVIDIA A40-24Q
        GPU Instance Profile ID           : N/A
        FB Memory                         : 24576 MiB
        Creatable Placement IDs           : 24
        Placement Size                    : 24
    vGPU Type ID                          : 0x233
        Name                              : NVIDIA A40-12Q
        Creatable Placement IDs           : 0 24 36
        Placement Size                    : 12
GPU 00000000:82:00.0
    vGPU Type ID                          : 0x235
        Name                              : NVIDIA A40-24Q
        Creatable Placement IDs           : 0 24
`;

function placesOn(output: string, mode = "Enabled"): unknown {
  const boundary = /^nvidia-vgpu-capture 1 (\S+)/.exec(captured)![1]!;
  const text = captured
    .replace(/^( +Host VGPU Mode.*)$/m, `$1\n        vGPU Heterogeneous Mode           : ${mode}`)
    .replace(/^( +MIG Mode)/m, "    vGPU Device Capability\n        Heterogeneous Time-Slice Sizes    : Supported\n$1")
    .replace(`--${boundary} complaints\n`, `--${boundary} vgpu-creatable\n${output}--${boundary} complaints\n`);
  const [gpu] = hostFacts(text).gpus;
  return [gpu!.mixedSizes, gpu!.creatablePlaces];
}

test("a GPU in mixed-size mode has the places in which each type can be created; types that are not listed have none", () => {
  expect(placesOn(answer)).toEqual(["on", { 565: [24], 563: [0, 24, 36] }]);
  expect(placesOn("GPU 00000000:41:00.0\n")).toEqual(["on", {}]);
});

test.each([
  ["no answer", ""],
  ["an error", "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n"],
  ["an answer about another GPU", answer.slice(answer.indexOf("GPU 00000000:82"))],
  ["types without places, as in equal-size mode before R565", answer.replace(/^ +Creatable.*\n/gm, "")],
])("the places are unknown after %s", (_, output) => {
  expect(placesOn(output)).toEqual(["on", null]);
});

test("a GPU that is not in this mode has no such places, although R565 and later list them", () => {
  expect(placesOn(answer, "Disabled")).toEqual(["off", null]);
});
