import { describe, expect, test } from "vitest";
import { hostFacts } from "../../../provider/probe";
import { captureText } from "../capture-of";

const kernel = "7.0.0-14-generic";
const ours = "/etc/modprobe.d/nvidia-vgpu-nouveau.conf";

const nouveau = (modules: string[], files: Record<string, string[]> = {}, times: string[] = []) =>
  hostFacts(
    captureText({
      files: {
        "/proc/modules": modules.map((name) => `${name} 1 0 - Live 0x0`),
        "/boot/grub/grub.cfg": ["menuentry 'x' {", ` linux /vmlinuz-${kernel} quiet`],
        "/etc/default/grub": ["GRUB_CMDLINE_LINUX="],
        ...files,
      },
      times: times.map((path) => `${path}\t100.0`),
    }),
  ).driver.nouveau;

describe("Linux' own driver", () => {
  test("is nova_core where that is loaded, and its own blacklist counts", () => {
    expect(nouveau(["nova_core"], { [ours]: ["blacklist nouveau"] })).toMatchObject({
      name: "nova_core",
      loaded: true,
      blacklistedBy: [],
    });
    expect(nouveau(["nova_core"], { [ours]: ["blacklist nouveau", "blacklist nova_core"] }).blacklistedBy).toEqual([
      ours,
    ]);
  });

  test("is nouveau otherwise", () => {
    expect(nouveau([], { [ours]: ["blacklist nouveau"] })).toMatchObject({
      name: "nouveau",
      loaded: false,
      blacklistedBy: [ours],
    });
  });

  test.each([
    `/boot/initrd.img-${kernel}`,
    `/boot/0123abcd/${kernel}/initrd`,
    `/efi/0123abcd/${kernel}/initrd`,
    `/boot/efi/EFI/Linux/0123abcd-${kernel}.efi`,
  ])("has its blacklist compared with the initramfs %s", (image) => {
    const { initramfsCurrent } = nouveau(["nouveau"], { [ours]: ["blacklist nouveau"] }, [image, ours]);
    expect(initramfsCurrent).not.toHaveProperty("unknown");
  });

  test("has no known initramfs where only another kernel has one", () => {
    const { initramfsCurrent } = nouveau([], {}, [`/boot/0123abcd/6.1.0/initrd`]);
    expect(initramfsCurrent).toEqual({ unknown: `/boot has no initramfs for ${kernel}` });
  });
});
