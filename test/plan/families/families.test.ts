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
    [
      "rhel",
      "5.14.0-427.42.1.el9_4.x86_64+rt",
      ["kernel-rt-devel-5.14.0-427.42.1.el9_4.x86_64", "elfutils-libelf-devel"],
    ],
    [
      "rhel",
      "5.15.0-209.161.el9uek.x86_64",
      ["kernel-uek-devel-5.15.0-209.161.el9uek.x86_64", "elfutils-libelf-devel"],
    ],
    [
      "rhel",
      "4.18.0-553.rt7.342.el8_10.x86_64",
      ["kernel-rt-devel-4.18.0-553.rt7.342.el8_10.x86_64", "elfutils-libelf-devel"],
    ],
  ] as const)("%s %s", (family, kernel, packages) => {
    expect(known(family).packages.headers(kernel, null)).toEqual(packages);
  });
});

describe("packages of kernel headers are those of the kernel's own package", () => {
  test.each([
    ["ubuntu", "6.8.0-49-generic", "linux-image-6.8.0-49-generic", "linux-headers-6.8.0-49-generic"],
    ["ubuntu", "6.8.0-1021-aws", "linux-image-unsigned-6.8.0-1021-aws", "linux-headers-6.8.0-1021-aws"],
    ["ubuntu", "6.11.0-1009-nvidia-64k", "linux-image-6.11.0-1009-nvidia-64k", "linux-headers-6.11.0-1009-nvidia-64k"],
    [
      "debian",
      "6.1.0-28-cloud-amd64",
      "linux-image-6.1.0-28-cloud-amd64-unsigned",
      "linux-headers-6.1.0-28-cloud-amd64",
    ],
    ["debian", "6.6.62-current-x86", "linux-image-current-x86", "linux-headers-current-x86"],
    ["debian", "6.1.21-v8+", "raspberrypi-kernel", "raspberrypi-kernel-headers"],
    ["debian", "6.1.0-28-amd64", "vendor-boot-files", "linux-headers-6.1.0-28-amd64"],
    ["proxmox", "6.8.12-4-pve", "proxmox-kernel-6.8.12-4-pve-signed", "proxmox-headers-6.8.12-4-pve"],
    ["proxmox", "5.15.158-2-pve", "pve-kernel-5.15.158-2-pve", "pve-headers-5.15.158-2-pve"],
    ["proxmox", "6.1.0-28-amd64", "linux-image-6.1.0-28-amd64", "linux-headers-6.1.0-28-amd64"],
    ["rhel", "5.14.0-427.el9.aarch64+64k", "kernel-64k-core", "kernel-64k-devel-5.14.0-427.el9.aarch64"],
    ["rhel", "6.9.7-1.el9.elrepo.x86_64", "kernel-ml-core", "kernel-ml-devel-6.9.7-1.el9.elrepo.x86_64"],
    ["rhel", "3.10.0-1160.el7.x86_64", "kernel", "kernel-devel-3.10.0-1160.el7.x86_64"],
    ["suse", "6.4.0-150600.8.20-azure", "kernel-azure", "kernel-azure-devel=6.4.0-150600.8.20"],
    ["suse", "6.4.0-150600.23.25-default", "kernel-default-base", "kernel-default-devel=6.4.0-150600.23.25"],
    ["suse", "6.4.0-150600.10.5-rt", "kernel-rt", "kernel-rt-devel=6.4.0-150600.10.5"],
  ] as const)("%s %s of %s", (family, kernel, owner, headers) => {
    expect(known(family).packages.headers(kernel, owner)[0]).toBe(headers);
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
