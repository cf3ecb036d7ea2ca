import { expect, test } from "vitest";
import { commonText, groupAlike, maskSpecifics } from "../../provider/model/alike";
import { uuid } from "../report/fixtures";

test.each([
  ["addresses, in sysfs' form and nvidia-smi's", "0000:41:00.0 and 00000000:C1:1f.7", "… and …"],
  ["UUIDs of vGPUs and GPUs", `the A40-8Q ${uuid(1)} on GPU-${uuid(2)}`, "the A40-8Q … on …"],
  ["process ids", "dcgm (pid 4410 of dcgm.service)", "dcgm (pid … of dcgm.service)"],
  [
    "no versions, counts or times",
    "kernel 6.1.0-28, 0 of 32 VFs, 12:30:00, vGPU 580.105.06",
    "kernel 6.1.0-28, 0 of 32 VFs, 12:30:00, vGPU 580.105.06",
  ],
])("specifics of a host are masked: %s", (_what, text, general) => expect(maskSpecifics(text)).toBe(general));

test("specifics that all texts share stay", () => {
  expect(commonText(["0000:41:00.4 on 0000:41:00.0", "0000:41:00.5 on 0000:41:00.0"])).toBe("… on 0000:41:00.0");
  expect(commonText(["0000:41:00.4 on 0000:41:00.0"])).toBe("0000:41:00.4 on 0000:41:00.0");
});

test("texts that differ in specifics only are one group, in the order of their first occurrence", () => {
  const texts = ["0000:41:00.0 is off", "nouveau is loaded", "0000:c1:00.0 is off"];
  expect(groupAlike(texts, (text) => [text])).toEqual([
    ["0000:41:00.0 is off", "0000:c1:00.0 is off"],
    ["nouveau is loaded"],
  ]);
});
