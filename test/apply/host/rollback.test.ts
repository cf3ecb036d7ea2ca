import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Sandbox, shells } from "./shell";

const uuid = "00000041-1111-4222-8333-000000000041";
const vf = "0000:41:00.4";

describe.each(shells)("restoring, under %s,", (shell) => {
  let host: Sandbox;
  beforeEach(() => void (host = new Sandbox(shell).program("depmod").program("uname", "echo 6.1.0-28-amd64")));
  afterEach(() => host.remove());

  const run = (script: string) =>
    host.run(
      [
        `pci_devices=${host.root}/pci mdev_devices=${host.root}/mdev`,
        // A host's kernel: what is loaded is a folder, and the version in it that of the module on disk.
        `value() { value=; case $1 in /sys/module/nvidia/version) set -- ${host.root}/loaded ;; esac; { read -r value <"$1" || [ -n "$value" ]; } 2>/dev/null; }`,
        `load_module() { echo "load $1" >>${host.root}/calls; cp ${host.root}/disk ${host.root}/loaded; }`,
        `unload_modules() { rm ${host.root}/loaded; }`,
        script,
      ].join("\n"),
      [
        "common",
        "in-use",
        "packages",
        "boot",
        "kernel-words",
        "reboot",
        "whole-files",
        "vgpu",
        "driver",
        "recreate",
        "rollback",
      ],
    );
  const onDisk = (version: string) => host.write({ disk: `${version}\n` }).program("modinfo", `cat ${host.root}/disk`);

  describe("the driver", () => {
    const restore = () => run("restore_driver 550.163.02 nvidia_vgpu_vfio nvidia");

    test("loads the modules that are still on the disk, and allows others to load them", () => {
      onDisk("550.163.02").write({ "modprobe.d/block.conf": "install nvidia false\n" });
      expect(restore()).toMatchObject({ code: 0, err: "" });
      expect(host.read("loaded")).toBe("550.163.02\n");
      expect(() => host.read("modprobe.d/block.conf")).toThrow();
    });

    test("unloads what the installer loaded, and installs the old package again if it was removed", () => {
      onDisk("580.105.06").write({ loaded: "580.105.06\n" });
      host.write({
        "unpacking/packages/NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run": `[ ! -e ${host.root}/loaded ] && echo 550.163.02 >${host.root}/disk`,
      });
      expect(restore()).toMatchObject({ code: 0, err: "" });
      expect(host.read("loaded")).toBe("550.163.02\n");
    });

    test("that was removed, with its package, is an error", () => {
      onDisk("580.105.06");
      expect(restore()).toMatchObject({
        code: 1,
        err: expect.stringContaining("the installer removed 550.163.02, and "),
      });
    });
  });

  describe("a vGPU", () => {
    const parametersOf = (parameters: string) =>
      `set_parameters() { echo "parameters $*" >>${host.root}/calls; }; ${parameters}`;

    test("creates the same mdev with its parameters, and none twice", () => {
      host.write({ [`pci/${vf}/mdev_supported_types/nvidia-560/create`]: "" });
      mkdirSync(join(host.root, `pci/${vf}/mdev_supported_types/nvidia-560/devices`));
      const create = `write_for() { echo "$2 to \${3##*/}" >>${host.root}/calls; mkdir -p ${host.root}/mdev/$2 "$type/devices/$2"; }`;
      const twice = `restore_mdev ${uuid} ${vf} 560 disable_vnc=1 && restore_mdev ${uuid} ${vf} 560`;
      expect(run(`${create}; ${parametersOf(twice)}`)).toMatchObject({ code: 0, err: "" });
      expect(host.read("calls")).toBe(`${uuid} to create\nparameters ${uuid} disable_vnc=1\n`);
    });

    test("sets the same type again, and none twice", () => {
      host.write({ [`pci/${vf}/nvidia/current_vgpu_type`]: "0\n" });
      expect(run(parametersOf(`restore_type ${vf} 1155 disable_vnc=1 && restore_type ${vf} 1155`))).toMatchObject({
        code: 0,
        err: "",
      });
      expect(host.read(`pci/${vf}/nvidia/current_vgpu_type`)).toBe("1155\n");
      expect(host.read("calls")).toBe(`parameters ${vf} disable_vnc=1\n`);
    });

    test("that the driver refuses is an error", () => {
      host.write({ [`pci/${vf}/nvidia/current_vgpu_type`]: "0\n" });
      const refuses = `write_for() { reason="create request: 0x56"; return 1; }`;
      expect(run(`${refuses}; restore_type ${vf} 1155`)).toMatchObject({
        code: 1,
        err: `the driver refuses type 1155 on ${vf}: create request: 0x56\n`,
      });
      expect(run(`${refuses}; restore_mdev ${uuid} ${vf} 560`)).toMatchObject({
        code: 1,
        err: `${vf} offers no type 560\n`,
      });
    });
  });
});
