import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shells } from "./shell";

const library = ["common", "in-use", "mig", "sriov", "vgpu"].map((name) =>
  readFileSync(join(__dirname, `../../../provider/apply/host/${name}.sh`), "utf8"),
);
const gpu = "0000:41:00.0";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mig-functions-"));
  writeFileSync(join(root, "calls"), "");
  writeFileSync(join(root, "instances"), "");
  writeFileSync(join(root, "mode"), "Disabled, Disabled\n");
  writeFileSync(join(root, "mixed"), "Disabled\n");
});
afterEach(() => rmSync(root, { recursive: true }));

/** Lines of sh that stand for what nvidia-smi does; what it lists is in the files `mode` and `instances`. */
function nvidiaSmi(does: string): void {
  const path = join(root, "nvidia-smi");
  const lists = `case "$*" in
    *--query-gpu*) exec cat ${root}/mode ;;
    "-i "*" -q") echo "        vGPU Heterogeneous Mode                        : $(cat ${root}/mixed)"; exit ;;
    *-lgi*) [ -s ${root}/instances ] || { echo "No GPU instances found: Not Found"; exit 6; }; exec cat ${root}/instances ;;
    esac`;
  writeFileSync(path, `#!/bin/sh\n${lists}\necho "$*" >>${root}/calls\ncall=$(wc -l <${root}/calls)\n${does}\n`);
  chmodSync(path, 0o755);
}

const row = (profile: number, id: number, place: string) =>
  `|   0  MIG 1g.24gb+me         ${profile}        ${id}          ${place}     |\n`;
const calls = () => readFileSync(join(root, "calls"), "utf8").split("\n").filter(Boolean);

describe.each(shells)("in %s", (shell) => {
  function run(command: string): { code: number | null; says: string[] } {
    const input = [...library, `PATH=${root}:$PATH`, "sleep() { :; }", `${command} 2>&1 </dev/null`].join("\n");
    const { status, stdout } = spawnSync(shell, ["-s"], { input, encoding: "utf8" });
    return { code: status, says: stdout.trim().split("\n") };
  }

  test("MIG mode is set once, and proved by reading it", () => {
    nvidiaSmi(
      `echo "Enabled, Enabled" >${root}/mode; echo "Enabled MIG Mode for GPU 00000000:41:00.0"; echo "All done."`,
    );
    expect(run(`set_mig_mode ${gpu} 1`).code).toBe(0);
    expect(run(`set_mig_mode ${gpu} 1`).code).toBe(0);
    expect(calls()).toEqual([`-i ${gpu} -mig 1`]);
  });

  test("warnings around the mode are no part of it, and without the mode nothing is changed", () => {
    const warning = "WARNING: infoROM is corrupted at gpu 0000:41:00.0";
    writeFileSync(join(root, "mode"), `Enabled, Enabled\n${warning}\n`);
    nvidiaSmi("exit 1");
    expect(run(`set_mig_mode ${gpu} 1`).code).toBe(0);
    writeFileSync(join(root, "mode"), `${warning}\n`);
    expect(run(`set_mig_mode ${gpu} 1`)).toEqual({ code: 1, says: [`MIG mode of ${gpu} cannot be read: ${warning}`] });
    expect(calls()).toEqual([]);
  });

  test("a mode that waits for the next reset of the GPU is done, and reported", () => {
    nvidiaSmi(
      `echo "Disabled, Enabled" >${root}/mode; echo "Warning: MIG mode is in pending enable state"; echo "All done."`,
    );
    const { code, says } = run(`set_mig_mode ${gpu} 1`);
    expect([code, says.at(-1)]).toEqual([0, `${gpu} takes its new MIG mode at its next reset`]);
  });

  test("a mode that did not change has failed, with the line that has the reason, although the output ends with All done", () => {
    nvidiaSmi('echo "Unable to enable MIG Mode for GPU 00000000:41:00.0: Not Supported"; echo "All done."');
    const { code, says } = run(`set_mig_mode ${gpu} 1`);
    expect([code, says.at(-1)]).toEqual([
      1,
      `MIG mode of ${gpu} is still Disabled: Unable to enable MIG Mode for GPU 00000000:41:00.0: Not Supported`,
    ]);
  });

  test("another client is waited for, and not for ever", () => {
    const busy = 'echo "Unable to disable MIG Mode for GPU 00000000:41:00.0: In use by another client"';
    nvidiaSmi(`[ $call -gt 2 ] || { ${busy}; exit 19; }; echo "Enabled, Enabled" >${root}/mode`);
    expect(run(`set_mig_mode ${gpu} 1`).code).toBe(0);
    expect(calls()).toHaveLength(3);
    writeFileSync(join(root, "calls"), "");
    nvidiaSmi(`case "$*" in *-mig*) ${busy}; exit 19 ;; esac`);
    expect(run(`set_mig_mode ${gpu} 0`).code).toBe(1);
    expect(calls().filter((call) => call.endsWith("-mig 0"))).toHaveLength(11);
  });

  test("GPU instances are destroyed before MIG mode is turned off", () => {
    writeFileSync(join(root, "mode"), "Enabled, Enabled\n");
    nvidiaSmi(
      `case "$*" in *-mig*) echo "Disabled, Disabled" >${root}/mode ;; *) echo "No GPU instances found: Not Found" ;; esac`,
    );
    expect(run(`set_mig_mode ${gpu} 0`).code).toBe(0);
    expect(calls()).toEqual([`mig -i ${gpu} -dci`, `mig -i ${gpu} -dgi`, `-i ${gpu} -mig 0`]);
  });

  test("mixed-size mode is set once, and proved by reading it", () => {
    nvidiaSmi(`echo Enabled >${root}/mixed; echo "Enabled vGPU heterogeneous mode for GPU 00000000:41:00.0"`);
    expect(run(`set_mixed_sizes ${gpu} 1`).code).toBe(0);
    expect(run(`set_mixed_sizes ${gpu} 1`).code).toBe(0);
    expect(calls()).toEqual([`vgpu -i ${gpu} -shm 1`]);
  });

  test("a mixed-size mode that did not change has failed, with the line that has the reason", () => {
    const refusal = "Unable to set vGPU heterogeneous mode for GPU 00000000:41:00.0: Not Supported";
    nvidiaSmi(`echo "${refusal}"; exit 3`);
    const { code, says } = run(`set_mixed_sizes ${gpu} 1`);
    expect([code, says.at(-1)]).toEqual([1, `mixed-size mode of ${gpu} is still Disabled: ${refusal}`]);
  });

  test("a GPU instance is created at its slice, with its compute instance, once", () => {
    nvidiaSmi(`echo "${row(14, 5, "6:3").trim()}" >>${root}/instances`);
    expect(run(`create_gpu_instance ${gpu} 14 6`).code).toBe(0);
    expect(run(`create_gpu_instance ${gpu} 14 6`).code).toBe(0);
    expect(calls()).toEqual([`mig -i ${gpu} -cgi 14:6 -C`]);
  });

  test("an nvidia-smi that takes no slice is given the profile only, and chooses the slice", () => {
    writeFileSync(join(root, "instances"), row(14, 3, "0:3"));
    const refuse = 'case "$*" in *:6*) echo "Failed to create GPU instances: Invalid Argument"; exit 2 ;; esac';
    nvidiaSmi(`${refuse}; echo "${row(14, 5, "3:3").trim()}" >>${root}/instances`);
    expect(run(`create_gpu_instance ${gpu} 14 6`).code).toBe(0);
    expect(calls().at(-1)).toBe(`mig -i ${gpu} -cgi 14 -C`);
    nvidiaSmi(
      `${refuse}; echo "Unable to create a GPU instance on GPU  0 using profile 14: Insufficient Resources"; exit 23`,
    );
    expect(run(`create_gpu_instance ${gpu} 14 6`)).toMatchObject({
      code: 1,
      says: expect.arrayContaining([
        `no GPU instance of profile 14 was created on ${gpu}: Unable to create a GPU instance on GPU  0 using profile 14: Insufficient Resources`,
      ]),
    });
  });

  test("an instance that nvidia-smi says to have created, and does not list, has failed (B84)", () => {
    nvidiaSmi('echo "Successfully created GPU instance ID  5 on GPU  0 using profile MIG 1g.24gb (ID 14)"');
    const { code, says } = run(`create_gpu_instance ${gpu} 14 6`);
    expect([code, says.at(-1)]).toEqual([
      1,
      `no GPU instance of profile 14 was created at slice 6 of ${gpu}: nvidia-smi reported success`,
    ]);
  });

  test.each([
    ["Failed to display GPU instances: Insufficient Permissions", 4],
    ["NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9],
    ["", 124],
  ])("a list that cannot be read is not taken for none: %j", (text, code) => {
    const path = join(root, "nvidia-smi");
    writeFileSync(path, `#!/bin/sh\necho "$*" >>${root}/calls\necho "${text}"\nexit ${code}\n`);
    chmodSync(path, 0o755);
    const sentence = `the GPU instances of ${gpu} cannot be listed: ${text || "nvidia-smi printed nothing"}`;
    for (const command of ["destroy_gpu_instance", "create_gpu_instance"])
      expect(run(`${command} ${gpu} 14 6`)).toEqual({ code: 1, says: [sentence] });
    expect(calls()).toHaveLength(2);
  });

  test("a GPU instance is found by profile and slice, and destroyed by the id that it has now (B86)", () => {
    writeFileSync(join(root, "instances"), row(14, 3, "0:3") + row(47, 5, "6:3") + row(14, 6, "6:3"));
    nvidiaSmi(
      `case "$*" in *-dgi*) : >${root}/instances ;; *) echo "No compute instances found: Not Found"; exit 6 ;; esac`,
    );
    expect(run(`destroy_gpu_instance ${gpu} 14 6`).code).toBe(0);
    expect(calls()).toEqual([`mig -i ${gpu} -gi 6 -dci`, `mig -i ${gpu} -gi 6 -dgi`]);
  });

  test("an instance that the driver does not destroy is still there, with its sentence", () => {
    writeFileSync(join(root, "instances"), row(14, 3, "0:3"));
    nvidiaSmi('echo "Unable to destroy GPU instance ID  3 from GPU  0: In use by another client"; exit 19');
    const { code, says } = run(`destroy_gpu_instance ${gpu} 14 0`);
    expect([code, says.at(-1)]).toEqual([
      1,
      `the GPU instance 3 of ${gpu} is still there: Unable to destroy GPU instance ID  3 from GPU  0: In use by another client`,
    ]);
  });
});
