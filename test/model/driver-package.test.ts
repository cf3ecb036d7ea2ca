import { describe, expect, test } from "vitest";
import { parseDriverPackage } from "../../provider/model/driver-package";
import { UserError } from "../../provider/model/errors";

test.each([
  ["NVIDIA-Linux-x86_64-510.85.03-vgpu-kvm.run", "run", "510.85.03"],
  ["/srv/files/NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run", "run", "550.163.02"],
  ["NVIDIA-Linux-x86_64-470.68-vgpu-kvm.run", "run", "470.68"],
  ["NVIDIA-Linux-x86_64-550.144.02-vgpu-kvm-custom.run", "run", "550.144.02"],
  ["nvidia-vgpu-ubuntu-550.163.02_amd64.deb", "deb", "550.163.02"],
  ["nvidia-vgpu-ubuntu-470_470.68_amd64.deb", "deb", "470.68"],
  ["nvidia-vgpu-ubuntu-580_580.105.06_amd64.deb", "deb", "580.105.06"],
  ["NVIDIA-vGPU-rhel-8.9-550.163.02.x86_64.rpm", "rpm", "550.163.02"],
])("the file name %s is parsed as a vGPU Manager package", (path, packaging, version) => {
  expect(parseDriverPackage(path)).toEqual({ file: path.split("/").pop(), packaging, version });
});

describe("the error names the other product of the file", () => {
  test.each([
    ["NVIDIA-Linux-x86_64-550.163.01-grid.run", "the driver for guests"],
    ["nvidia-linux-grid-550_550.163.01_amd64.deb", "the driver for guests"],
    ["NVIDIA-Linux-x86_64-580.159.04.run", "the ordinary driver, which has no vGPU Manager"],
    ["NVIDIA-Linux-x86_64-580.159.04-no-compat32.run", "the ordinary driver, which has no vGPU Manager"],
    ["NVIDIA-Linux-aarch64-580.105.06-vgpu-kvm.run", "the vGPU Manager for another processor architecture"],
    ["nvidia-vgpu-ubuntu-580_580.105.06_arm64.deb", "the vGPU Manager for another processor architecture"],
    ["NVIDIA-GRID-Linux-KVM-550.163.02-550.163.01-553.74.zip", "the downloaded archive"],
    ["NVIDIA-GRID-vSphere-8.0-550.163.02-550.163.01-553.74.zip", "the vGPU Manager for another hypervisor"],
    ["driver.run", "its name is not that of a vGPU Manager package"],
  ])("%s", (file, what) => {
    const refused = () => parseDriverPackage(`/srv/${file}`);
    expect(refused).toThrow(UserError);
    expect(refused).toThrow(what);
    expect(refused).toThrow(`"${file}"`);
    expect(refused).toThrow("NVIDIA-Linux-x86_64-VERSION-vgpu-kvm.run");
  });
});
