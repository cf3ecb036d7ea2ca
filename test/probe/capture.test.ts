import { expect, test } from "vitest";
import { Capture } from "../../provider/probe";
import { captureOf, captureText } from "./capture-of";

test("files and links of all sections form one tree", () => {
  const capture = captureOf({
    files: { "/etc/os-release": ["ID=debian", "", "NAME=x"], "/sys/bus/pci/devices/0000:41:00.0/vendor": ["0x10de"] },
    links: {
      "/sys/bus/pci/devices/0000:41:00.0/driver": "../../../../bus/pci/drivers/nvidia",
      "/sys/firmware/efi": "",
    },
  });
  expect(capture.read("/etc/os-release")).toEqual(["ID=debian", "", "NAME=x"]);
  expect(capture.value("/etc/nothing")).toBeNull();
  expect(capture.list("/sys/bus/pci/devices/0000:41:00.0")).toEqual(["vendor", "driver"]);
  expect(capture.list("/sys/bus/pci")).toEqual(["devices"]);
  expect(capture.linkName("/sys/bus/pci/devices/0000:41:00.0/driver")).toBe("nvidia");
  expect(capture.link("/sys/firmware/efi")).toBeNull();
  expect(
    ["/sys/firmware/efi", "/sys/bus", "/etc/os-release", "/etc/nothing"].map((path) => capture.exists(path)),
  ).toEqual([true, true, true, false]);
});

test("an unreadable file is unknown, a missing file is null", () => {
  const capture = captureOf({
    complaints: [
      "grep: /sys/class/dmi/id/product_uuid: Permission denied",
      "find: '/proc/1/fd': Permission denied",
      "grep: /sys/bus/pci/devices/0000:41:00.4/nvidia/placement_id: No such device or address",
      "sh: 12: cannot open /sys/secret: Permission denied",
      "nothing that has this form",
    ],
  });
  expect(capture.readable("/sys/class/dmi/id/product_uuid")).toEqual({
    unknown: "/sys/class/dmi/id/product_uuid: Permission denied",
  });
  expect(capture.readable("/sys/bus/pci/devices/0000:41:00.4/nvidia/placement_id")).toEqual({
    unknown: "/sys/bus/pci/devices/0000:41:00.4/nvidia/placement_id: No such device or address",
  });
  expect(capture.readable("/sys/secret")).toEqual({ unknown: "/sys/secret: Permission denied" });
  expect(capture.refusal((path) => path.startsWith("/proc/"))).toEqual({ unknown: "/proc/1/fd: Permission denied" });
  expect(capture.readable("/etc/machine-id")).toBeNull();
});

test("an output may be empty, or end without a newline", () => {
  const capture = captureOf({ disk: ["a", "", "b"], tools: [] });
  expect(capture.section("disk")).toEqual(["a", "", "b"]);
  expect(capture.section("tools")).toEqual([]);
  expect(capture.section("never heard of")).toEqual([]);
});

test("a line that looks like a section header is content if it has another boundary", () => {
  const capture = captureOf({ files: { "/etc/motd": ["--other end", "--b"] }, disk: ["--c end"] });
  expect(capture.read("/etc/motd")).toEqual(["--other end", "--b"]);
  expect(capture.section("disk")).toEqual(["--c end"]);
});

test.each([
  [
    "what is no capture",
    "bash: sh: command not found\n",
    'Not a capture: it begins with "bash: sh: command not found"',
  ],
  ["nothing", "", 'Not a capture: it begins with ""'],
  ["a later format", "nvidia-vgpu-capture 2 b\n--b end\n", "A capture of format 2; this version reads format 1"],
  [
    "a broken off one",
    captureText({ disk: ["/dev/sda"] }).replace("\n--b end\n", ""),
    'The capture breaks off in the section "disk"',
  ],
])("%s is refused", (_, text, message) => {
  expect(() => new Capture(text)).toThrow(message);
});
