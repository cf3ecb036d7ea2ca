import { describe, expect, test } from "vitest";
import type { OperatingSystem } from "../../../provider/model/facts/system";
import { isUnknown, unknown } from "../../../provider/model/unknown";
import type { Family } from "../../../provider/plan/families";
import { familyOf } from "../../../provider/plan/families";

const os = (family: OperatingSystem["family"]): OperatingSystem => ({
  family,
  id: family,
  version: "1",
  name: `Some ${family}`,
});

function known(family: OperatingSystem["family"]): Family {
  const found = familyOf(os(family));
  if (isUnknown(found)) throw new Error(found.unknown);
  return found;
}

describe("packages of kernel headers are named after their kernel", () => {
  test.each([
    ["debian", "6.1.0-28-amd64", ["linux-headers-6.1.0-28-amd64"]],
    ["ubuntu", "5.15.0-73-generic", ["linux-headers-5.15.0-73-generic"]],
    ["rhel", "5.14.0-427.42.1.el9_4.x86_64", ["kernel-devel-5.14.0-427.42.1.el9_4.x86_64", "elfutils-libelf-devel"]],
    ["suse", "6.4.0-150600.23.25-default", ["kernel-default-devel=6.4.0-150600.23.25"]],
    ["suse", "5.14.21-150500.55.7-preempt", ["kernel-preempt-devel=5.14.21-150500.55.7"]],
    ["proxmox", "6.8.12-4-pve", ["proxmox-headers-6.8.12-4-pve"]],
    ["proxmox", "6.5.13-1-pve", ["proxmox-headers-6.5.13-1-pve"]],
    ["proxmox", "6.2.16-3-pve", ["pve-headers-6.2.16-3-pve"]],
    ["proxmox", "5.15.158-2-pve", ["pve-headers-5.15.158-2-pve"]],
  ] as const)("%s %s", (family, kernel, packages) => {
    expect(known(family).packages.headers(kernel)).toEqual(packages);
  });
});

test("only Ubuntu has pci-pf-stub in a separate package", () => {
  expect(known("ubuntu").packages.pciPfStub?.("5.15.0-73-generic")).toEqual(["linux-modules-extra-5.15.0-73-generic"]);
  for (const family of ["debian", "rhel", "suse", "proxmox"] as const)
    expect(known(family).packages.pciPfStub).toBeUndefined();
});

test("the tool for the kernel command line depends on family and boot loader, and unsupported boot loaders have none", () => {
  expect(known("debian").commandLine).toEqual({ grub: "update-grub" });
  expect(known("rhel").commandLine["grub-bls"]).toBe("grubby");
  expect(known("proxmox").commandLine["proxmox-boot-tool"]).toBe("proxmox-boot-tool");
  expect(known("suse").commandLine["grub-bls"]).toBeUndefined();
});

test("an unsupported distribution is unknown, and an unreadable one keeps its reason", () => {
  expect(familyOf(os("other"))).toEqual({
    unknown: "Some other is not a supported distribution",
  });
  expect(familyOf(unknown("no os-release"))).toEqual({ unknown: "no os-release" });
});
