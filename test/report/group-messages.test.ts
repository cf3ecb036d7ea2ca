import { expect, test } from "vitest";
import { commonText, groupAlike, maskSpecifics } from "../../provider/report/group-messages";
import { uuid } from "./fixtures";

test.each([
  ["addresses, in sysfs' form and nvidia-smi's", "0000:41:00.0 and 00000000:C1:1f.7", "… and …"],
  ["UUIDs of vGPUs and GPUs", `the A40-8Q ${uuid(1)} on GPU-${uuid(2)}`, "the A40-8Q … on …"],
  ["process ids", "dcgm (pid 4410 of dcgm.service)", "dcgm (pid … of dcgm.service)"],
  [
    "and nothing else",
    "kernel 6.1.0-28, 0 of 32 VFs, 12:30:00, vGPU 580.105.06",
    "kernel 6.1.0-28, 0 of 32 VFs, 12:30:00, vGPU 580.105.06",
  ],
])("what is particular to a host: %s", (_what, text, general) => expect(maskSpecifics(text)).toBe(general));

test("where all agree the particular stays", () => {
  expect(commonText(["0000:41:00.4 on 0000:41:00.0", "0000:41:00.5 on 0000:41:00.0"])).toBe("… on 0000:41:00.0");
  expect(commonText(["0000:41:00.4 on 0000:41:00.0"])).toBe("0000:41:00.4 on 0000:41:00.0");
});

test("what says the same is put together, in the order of its coming", () => {
  const texts = ["0000:41:00.0 is off", "nouveau is loaded", "0000:c1:00.0 is off"];
  expect(groupAlike(texts, (text) => [text])).toEqual([
    ["0000:41:00.0 is off", "0000:c1:00.0 is off"],
    ["nouveau is loaded"],
  ]);
});
