import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shells } from "./shell";
import { StandInProcesses } from "./stand-in-processes";

const library = ["common", "hold", "in-use", "definitions", "vgpu", "sriov"].map((name) =>
  readFileSync(join(__dirname, `../../../provider/apply/host/${name}.sh`), "utf8"),
);
const gpu = "0000:41:00.0";

let root: string;
let processes: StandInProcesses;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sriov-functions-"));
  mkdirSync(join(root, "pci", gpu), { recursive: true });
  mkdirSync(join(root, "nvidia", gpu), { recursive: true });
  writeFileSync(join(root, "pci", gpu, "sriov_numvfs"), "0\n");
  writeFileSync(join(root, "calls"), "");
  processes = new StandInProcesses(root);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Lines of sh that stand for sriov-manage; $call is the number of the call. */
function sriovManage(script: string): void {
  const path = join(root, "sriov-manage");
  writeFileSync(
    path,
    `#!/bin/sh\necho "$*" >>${root}/calls\ncall=$(wc -l <${root}/calls)\nvfs=${root}/pci/${gpu}\n${script}\n`,
  );
  chmodSync(path, 0o755);
}

const makesVfs =
  "for n in 0 1; do mkdir -p $vfs/virtfn$n/driver $vfs/virtfn$n/mdev_supported_types; done; echo 2 >$vfs/sriov_numvfs";
const calls = () => readFileSync(join(root, "calls"), "utf8").split("\n").filter(Boolean);

describe.each(shells)("in %s", (shell) => {
  function run(command: string): { code: number | null; says: string } {
    // Waits are cut short: nothing comes later here.
    const places = `pci_devices=${root}/pci nvidia_driver=${root}/nvidia sriov_manage=${root}/sriov-manage`;
    const quick =
      'sleep() { :; }; wait_until() { shift; "$@"; }; daemons_are_up() { :; }; read_kernel_message() { reason=; }';
    const input = [...library, places, processes.places, quick, `${command} 2>&1 </dev/null`].join("\n");
    const { status, stdout } = spawnSync(shell, ["-s"], { input, encoding: "utf8" });
    return { code: status, says: stdout.trim() };
  }

  test("VFs are enabled when they have driver and types", () => {
    sriovManage(makesVfs);
    expect(run(`enable_vfs ${gpu} 2`).code).toBe(0);
    expect(run(`enable_vfs ${gpu} 2`).code).toBe(0);
    expect(calls()).toEqual([`-e ${gpu}`]);
  });

  test("a sriov-manage that exits with 0 and created no VFs has failed (B35)", () => {
    sriovManage("exit 0");
    const { code, says } = run(`enable_vfs ${gpu} 2`);
    expect([code, says.split("\n").at(-1)]).toEqual([
      1,
      `sriov-manage ended with 0, and ${gpu} has 0 of 2 virtual functions`,
    ]);
  });

  test("a held lock is waited for (B34)", () => {
    sriovManage(`[ $call -gt 3 ] || { echo "Cannot obtain unbindLock for ${gpu}" >&2; exit 1; }; ${makesVfs}`);
    expect(run(`enable_vfs ${gpu} 2`).code).toBe(0);
    expect(calls()).toHaveLength(4);
  });

  test("a held lock is not waited for for ever", () => {
    sriovManage(`echo "Cannot obtain unbindLock for ${gpu}" >&2; exit 1`);
    const { code, says } = run(`enable_vfs ${gpu} 2`);
    expect([code, says.split("\n").at(-1)]).toEqual([1, `Cannot obtain unbindLock for ${gpu}`]);
    expect(calls()).toHaveLength(11);
  });

  test("other failures are not retried", () => {
    sriovManage("echo 'modprobe: FATAL: Module pci-pf-stub not found' >&2; exit 1");
    const { code, says } = run(`enable_vfs ${gpu} 2`);
    expect([code, says.split("\n").at(-1)]).toEqual([1, `sriov-manage -e ${gpu} ended with 1`]);
    expect(says).toContain("Module pci-pf-stub not found");
    expect(calls()).toHaveLength(1);
  });

  describe("VFs without types", () => {
    /** nvidia-vgpud gives types to these when it runs. */
    const publish = (...given: string[]) => {
      const gives = given.map((vf) => `mkdir -p ${root}/pci/${gpu}/${vf}/mdev_supported_types;`).join(" ");
      return run(`systemctl() { [ "$*" = "restart nvidia-vgpud" ] && { ${gives} :; }; }; publish_types ${gpu} 2`);
    };

    beforeEach(() => {
      for (const vf of ["virtfn0", "virtfn1"]) {
        mkdirSync(join(root, "pci", gpu, vf, "driver"), { recursive: true });
        mkdirSync(join(root, "nvidia", vf));
      }
      writeFileSync(join(root, "pci", gpu, "sriov_numvfs"), "2\n");
      sriovManage(`case $1 in -d) rm -r $vfs/virtfn*; echo 0 >$vfs/sriov_numvfs ;; *) ${makesVfs} ;; esac`);
    });

    test("get types from another run of nvidia-vgpud (B21)", () => {
      expect(publish("virtfn0", "virtfn1").code).toBe(0);
      expect(calls()).toEqual([]);
    });

    test("are re-created when none of them gets types, since none can have a vGPU", () => {
      expect(publish().code).toBe(0);
      expect(calls()).toEqual([`-d ${gpu}`, `-e ${gpu}`]);
    });

    test("stay when others have types, on which vGPUs may be", () => {
      const { code, says } = publish("virtfn0");
      expect([code, says.split("\n").at(-1)]).toEqual([
        1,
        expect.stringContaining("virtfn1 has no vGPU types, also after nvidia-vgpud ran again"),
      ]);
      expect(calls()).toEqual([]);
    });
  });

  test("VFs that are off are not disabled again", () => {
    sriovManage("exit 1");
    expect(run(`disable_vfs ${gpu}`).code).toBe(0);
    expect(calls()).toEqual([]);
  });

  describe("disabling", () => {
    const vfs = ["0000:41:00.4", "0000:41:00.5"];
    const held = `echo "Cannot obtain unbindLock for ${gpu}" >&2; exit 1`;

    beforeEach(() => {
      writeFileSync(join(root, "pci", gpu, "sriov_numvfs"), "2\n");
      vfs.forEach((vf, index) => {
        mkdirSync(join(root, "pci", vf));
        symlinkSync(`../${vf}`, join(root, "pci", gpu, `virtfn${index}`));
      });
      sriovManage("rm $vfs/virtfn*; echo 0 >$vfs/sriov_numvfs");
    });

    test("removes free VFs", () => {
      expect(run(`disable_vfs ${gpu}`)).toEqual({ code: 0, says: `disabling the virtual functions of ${gpu}` });
      expect(calls()).toEqual([`-d ${gpu}`]);
    });

    test.each([
      ["a process", ""],
      ["a failing look", "find() { echo 'find: no' >&2; }; "],
    ])("takes none over %s", (_, before) => {
      if (!before) processes.add(9, { command: "qemu", words: [`host=${vfs[1]}`] });
      const { code, says } = run(`${before}disable_vfs ${gpu}`);
      expect([code, says.split("\n").at(-1)]).toEqual([
        1,
        expect.stringContaining(`a virtual function or vGPU of ${gpu}`),
      ]);
      expect(calls()).toEqual([]);
    });

    test("checks before each attempt: a guest that starts between two attempts keeps its VF", () => {
      sriovManage(held);
      const starts = `sleep() { printf 'host=${vfs[0]}\\0' >${root}/proc/1/cmdline; }`;
      const { code, says } = run(`${starts}; disable_vfs ${gpu}`);
      expect([code, says.split("\n").at(-1)]).toEqual([
        1,
        `a virtual function or vGPU of ${gpu} is used by systemd (pid 1)`,
      ]);
      expect(calls()).toEqual([`-d ${gpu}`]);
    });
  });
});
