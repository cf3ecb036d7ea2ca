import { expect, test } from "vitest";
import { systemFacts } from "../../../provider/probe/facts/system";
import { captureOf } from "../capture-of";

const system = (mounts: string[], links: string[] = [], release = ["ID=fedora"]) =>
  systemFacts(
    captureOf({
      files: { "/proc/self/mounts": mounts, "/etc/os-release": release },
      links: Object.fromEntries(links.map((path) => [path, ""])),
    }),
  ).image;

const ordinary = "/dev/vda2 / ext4 rw,relatime,errors=remount-ro 0 0";

test.each([
  [
    "bootc and ostree",
    ["composefs / overlay ro,seclabel 0 0"],
    ["/run/ostree-booted"],
    "ostree",
    "/run/ostree-booted exists",
  ],
  [
    "ostree with a writable overlay on /usr",
    ["overlay /usr overlay rw 0 0"],
    ["/run/ostree-booted"],
    "ostree",
    "/run/ostree-booted exists",
  ],
  [
    "MicroOS",
    ["/dev/vda3 / btrfs ro,relatime,subvol=/@/.snapshots/5/snapshot 0 0"],
    ["/usr/sbin/transactional-update"],
    "transactional",
    "/ is a read-only snapshot",
  ],
  ["NixOS", [ordinary, "/dev/vda2 /nix/store ext4 ro 0 0"], ["/etc/NIXOS"], "declarative", "/etc/NIXOS exists"],
  ["Guix", [ordinary], ["/gnu/store"], "declarative", "/gnu/store exists"],
  [
    "Flatcar, with a read-only /usr",
    [ordinary, "/dev/mapper/usr /usr btrfs ro,seclabel,rescue=nologreplay 0 0"],
    [],
    "read-only",
    "/usr is mounted read-only (btrfs)",
  ],
  [
    "an appliance on squashfs",
    ["/dev/loop0 / squashfs ro,relatime 0 0"],
    [],
    "read-only",
    "/ is mounted read-only (squashfs)",
  ],
  [
    "a file system that the kernel made read-only",
    ["/dev/vda2 / ext4 ro,relatime 0 0"],
    [],
    "read-only",
    "/ is mounted read-only (ext4)",
  ],
  [
    "overlayroot, or a live system",
    ["overlayroot / overlay rw,lowerdir=/media/root-ro 0 0"],
    [],
    "volatile",
    "/ is in memory (overlay)",
  ],
  [
    "a diskless host",
    ["rootfs / rootfs rw 0 0", "tmpfs / tmpfs rw,size=8g 0 0"],
    [],
    "volatile",
    "/ is in memory (tmpfs)",
  ],
])("%s is a system in which no driver can be installed", (_, mounts, links, kind, sign) => {
  expect(system(mounts, links)).toEqual({ kind, sign });
});

test.each([
  ["an ordinary system", [ordinary], []],
  ["a root that was read-only while booting", ["/dev/vda2 / ext4 ro 0 0", ordinary], []],
  [
    "SUSE with snapshots and a writable root",
    ["/dev/sda2 / btrfs rw,subvol=/@/.snapshots/1/snapshot 0 0"],
    ["/usr/sbin/transactional-update"],
  ],
  ["a read-only /boot", [ordinary, "/dev/sda1 /boot ext4 ro 0 0"], []],
])("%s is none", (_, mounts, links) => {
  expect(system(mounts, links)).toBeNull();
});

test("NixOS is recognised by its os-release too", () => {
  expect(system([ordinary], [], ["ID=nixos"])).toEqual({ kind: "declarative", sign: "/etc/os-release has ID=nixos" });
});
