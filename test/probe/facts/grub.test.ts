import { expect, test } from "vitest";
import { grubNext } from "../../../provider/probe/facts/next-boot";
import { captureOf } from "../capture-of";

const old = "5.15.0-91-generic";
const current = "6.8.0-49-generic";

function next(setDefault: string, environment: string[] = []) {
  const { kernel } = grubNext(
    captureOf({
      files: {
        "/boot/grub/grub.cfg": [
          '   set default="${next_entry}"',
          `   set default="${setDefault}"`,
          "menuentry 'Ubuntu' --class os $menuentry_id_option 'gnulinux-simple-1d2c' {",
          `\tlinux\t/vmlinuz-${current} root=/dev/sda1 ro quiet`,
          "submenu 'Advanced options for Ubuntu' $menuentry_id_option 'gnulinux-advanced-1d2c' {",
          `\tmenuentry 'Ubuntu, with Linux ${current}' $menuentry_id_option 'gnulinux-${current}-advanced-1d2c' {`,
          `\t\tlinux\t/vmlinuz-${current} root=/dev/sda1 ro quiet`,
          `\tmenuentry 'Ubuntu, with Linux ${old}' $menuentry_id_option 'gnulinux-${old}-advanced-1d2c' {`,
          `\t\tlinux\t/vmlinuz-${old} root=/dev/sda1 ro quiet`,
          "menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {",
        ],
        "/boot/grub/grubenv": environment,
      },
    }),
  );
  return kernel;
}

test.each([
  ["GRUB starts the first entry", "0", [], current],
  ["GRUB starts an entry of a submenu by number", "1>1", [], old],
  ["GRUB starts an entry of a submenu by id", `gnulinux-advanced-1d2c>gnulinux-${old}-advanced-1d2c`, [], old],
  ["GRUB starts an entry of a submenu by title", `Advanced options for Ubuntu>Ubuntu, with Linux ${old}`, [], old],
  ["GRUB starts the first entry of a submenu", "1", [], current],
  ["GRUB starts the saved entry", "${saved_entry}", ["saved_entry=1>1"], old],
  ["GRUB starts the first entry if none is saved", "${saved_entry}", ["saved_entry="], current],
  ["GRUB starts the entry for one boot before all others", "0", ["next_entry=1>1"], old],
])("%s", (_, setDefault, environment, kernel) => {
  expect(next(setDefault, environment)).toBe(kernel);
});

test("a missing entry, or one without a kernel, is unknown", () => {
  expect(next("7")).toEqual({ unknown: '/boot/grub/grub.cfg has no entry "7"' });
  expect(next("2")).toEqual({ unknown: '/boot/grub/grub.cfg has no entry "2"' });
});

test("the command line of an entry does not contain the image", () => {
  const capture = captureOf({
    files: {
      "/boot/grub2/grub.cfg": [
        "menuentry 'SLES' {",
        '\tlinux /boot/vmlinuz-6.4.0-default root=UUID=1 "a b" intel_iommu=on',
      ],
    },
  });
  expect(grubNext(capture)).toEqual({
    kernel: "6.4.0-default",
    commandLine: ["root=UUID=1", '"a b"', "intel_iommu=on"],
  });
});

test("a missing or unreadable grub.cfg is unknown, with the reason", () => {
  expect(grubNext(captureOf({})).kernel).toEqual({ unknown: "there is no /boot/grub/grub.cfg" });
  const hidden = captureOf({ complaints: ["grep: /boot/grub/grub.cfg: Permission denied"] });
  expect(grubNext(hidden).kernel).toEqual({ unknown: "/boot/grub/grub.cfg: Permission denied" });
});
