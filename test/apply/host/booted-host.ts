import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hostLibrary } from "../../../provider/apply";
import { shells } from "./shell";

export const gpu = "0000:41:00.0";
export const gpuUuid = "GPU-00000a40-1111-4222-8333-000000000a40";
export const uuid = "11111111-2222-4333-8444-555555555501";
export const thisBoot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
export const lastBoot = "00000000-1111-4222-8333-000000000000";

/** The shells of hosts for the restorer, as words of a command. */
export const hostShells = [...shells, ...(spawnSync("busybox", ["true"]).status === 0 ? ["busybox sh"] : [])];

/** One of them. */
export const shellOfHosts = hostShells[0]!;

/** The address of a VF. */
export const vfAt = (address: string, number: number) => `${address.slice(0, -4)}00.${number + 4}`;

interface Restored {
  code: number | null;
  journal: string[];
  /** What could not be restored. */
  report: string[];
}

/** A host after a boot, as files and programs of its own. The vGPUs are type files of VFs, or mediated devices. */
export class BootedHost {
  readonly root = mkdtempSync(join(tmpdir(), "restore-"));

  constructor() {
    for (const folder of ["mdev", "driver", "bin"]) mkdirSync(this.at(folder));
    this.program("systemctl", "echo active; echo inactive");
    this.program("flock");
    this.program("modinfo", "echo 580.105.06");
    this.program("nvidia-smi", "exit 9");
    this.program("dmesg");
  }

  at = (...path: string[]) => join(this.root, ...path);
  read = (path: string) => readFileSync(this.at(path), "utf8");
  write(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      writeFileSync(this.at(path), text);
    }
  }
  remove = (...paths: string[]) => {
    for (const path of paths) rmSync(this.at(path), { recursive: true, force: true });
  };

  private link(path: string, target: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    rmSync(this.at(path), { force: true });
    symlinkSync(this.at(target), this.at(path));
  }

  program(name: string, script = ""): void {
    writeFileSync(this.at("bin", name), `#!/bin/sh\necho "${name} $*" >>${this.root}/calls\n${script}\n`, {
      mode: 0o755,
    });
  }

  /** The programs that were started. */
  calls = () => (existsSync(this.at("calls")) ? this.read("calls").trim().split("\n") : []);

  /** Adds a GPU that is bound to the driver, with as many VFs as are on. */
  addGpu(address: string, { identity = gpuUuid, on = 0 } = {}): void {
    this.write({
      [`pci/${address}/sriov_numvfs`]: `${on}\n`,
      [`info/${address}/information`]: `Model: \t\t NVIDIA\nGPU UUID:   \t ${identity}\n`,
    });
    this.link(`driver/${address}`, `pci/${address}`);
    for (let number = 0; number < on; number++) this.addVf(address, number);
  }

  private addVf(address: string, number: number): void {
    const vf = vfAt(address, number);
    this.write({
      [`pci/${vf}/nvidia/current_vgpu_type`]: "0\n",
      [`pci/${vf}/nvidia/creatable_vgpu_types`]: "ID : vGPU Name\n1150 : NVIDIA L40S-4Q\n",
      [`pci/${vf}/nvidia/vgpu_params`]: "\n",
    });
    this.link(`pci/${vf}/physfn`, `pci/${address}`);
    this.link(`pci/${vf}/driver`, "driver");
    this.link(`driver/${vf}`, `pci/${vf}`);
    this.link(`pci/${address}/virtfn${number}`, `pci/${vf}`);
  }

  /** Adds a tool that enables VFs. */
  addSriovManage(count = 2): void {
    const { root } = this;
    this.program(
      "sriov-manage",
      `PATH=/usr/bin:/bin; number=0
      while [ $number -lt ${count} ]; do
          vf=${root}/pci/\${2%00.0}00.$((number + 4))
          mkdir -p $vf/nvidia; cd $vf; echo 0 >nvidia/current_vgpu_type; echo >nvidia/vgpu_params
          ln -sfn ${root}/pci/$2 physfn; ln -sfn ${root}/driver driver; ln -sfn $vf ${root}/pci/$2/virtfn$number
          number=$((number + 1))
      done; echo ${count} >${root}/pci/$2/sriov_numvfs`,
    );
  }

  recordGpu = (more = "") =>
    this.write({ [`gpus/${gpuUuid}`]: `format=1\nowner=p/s#1\n${more}address=${gpu}\nvfs=2\ncomplete=yes\n` });

  recordVgpu({ vf = "0", identity = gpuUuid, boot = lastBoot, end = "complete=yes\n", id = uuid } = {}): void {
    this.write({
      [`vgpus/${id}`]: `format=2\nowner=p/s#1\ninstance=i\ngpu=${identity}\nframework=vendor\nrestore=yes\nlater=kept\nboot=${boot}\nfunction=${vfAt(gpu, Number(vf))}\nvf=${vf}\ntype=1150\nname=NVIDIA L40S-4Q\nparameters=\n${end}`,
    });
  }

  /** Adds a mediated device type of a GPU itself, which the driver creates under `uuid`, and records a vGPU of it on the GPU at `recorded`. */
  addMdev(address: string, recorded = address): string {
    const type = `pci/${address}/mdev_supported_types/nvidia-558`;
    this.write({
      [`${type}/create`]: "",
      [`${type}/name`]: "T4-4Q\n",
      [`${type}/devices/${uuid}/x`]: "",
      [`vgpus/${uuid}`]: `format=2\ngpu=${gpuUuid}\nrestore=yes\nboot=${lastBoot}\nfunction=${recorded}\ntype=558\nname=T4-4Q\nparameters=\ncomplete=yes\n`,
    });
    return type;
  }

  typeOn = (vf: number, address = gpu) => this.read(`pci/${vfAt(address, vf)}/nvidia/current_vgpu_type`).trim();

  /** Runs the restorer. `more` are lines of shell after the library. */
  restore(shell: string, more = ""): Restored {
    const { root } = this;
    const places = [
      `pci_devices=${root}/pci mdev_devices=${root}/mdev vgpu_records=${root}/vgpus gpu_records=${root}/gpus`,
      `nvidia_driver=${root}/driver sriov_manage=${root}/bin/sriov-manage gpu_information=${root}/info`,
      `restore_folder=${root}/run restore_report=${root}/run/restore restore_seconds=0`,
    ].join("\n");
    const [program, ...words] = shell.split(" ") as [string, ...string[]];
    const { status, stdout } = spawnSync(program, [...words, "-s"], {
      input: `${hostLibrary()}\n${places}\n${more}\nrestore_all 2>&1 </dev/null\n`,
      encoding: "utf8",
      env: { PATH: `${root}/bin:${process.env.PATH}`, LC_ALL: "C" },
    });
    const report = existsSync(this.at("run/restore")) ? this.read("run/restore") : "";
    return { code: status, journal: stdout.trim().split("\n"), report: report.trim().split("\n").filter(Boolean) };
  }
}
