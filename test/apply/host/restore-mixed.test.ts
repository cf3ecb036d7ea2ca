import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BootedHost, gpu, gpuUuid, hostShells, uuid, vfAt } from "./booted-host";

describe.each(hostShells)("restoring mixed-size mode after a boot, in %s,", (shell) => {
  let host: BootedHost;
  beforeEach(() => {
    host = new BootedHost();
    host.addGpu(gpu);
    host.addSriovManage();
    host.recordGpu("mixed=on\n");
    host.recordVgpu();
    host.write({ mode: "Disabled\n" });
    host.program("timeout", 'shift; exec "$@"');
    nvidiaSmi(`echo Enabled >${host.root}/mode`);
  });
  afterEach(() => host.remove("."));

  const nvidiaSmi = (onMode: string) =>
    host.program(
      "nvidia-smi",
      `case "$*" in
      *-shm*) ${onMode} ;;
      *-q*) echo "        vGPU Heterogeneous Mode           : $(cat ${host.root}/mode)" ;;
      esac`,
    );
  /** The calls that change something, in their order, with what VF 0 has when the mode is set. */
  const changes = () => host.calls().filter((call) => /^nvidia-smi .*-shm|^sriov-manage/.test(call));

  test("the mode is turned on after the virtual functions and before the first vGPU (B100, B148)", () => {
    nvidiaSmi(
      `cat ${host.root}/pci/${vfAt(gpu, 0)}/nvidia/current_vgpu_type >${host.root}/type-then; echo Enabled >${host.root}/mode`,
    );
    const { code, journal, report } = host.restore(shell);
    expect([code, report], journal.join("\n")).toEqual([0, []]);
    expect(changes()).toEqual([`sriov-manage -e ${gpu}`, `nvidia-smi vgpu -i ${gpu} -shm 1`]);
    expect([host.read("type-then").trim(), host.typeOn(0)]).toEqual(["0", "1150"]);
  });

  test("a second run changes nothing", () => {
    host.restore(shell);
    host.remove("calls");
    expect(host.restore(shell).code).toBe(0);
    expect(changes()).toEqual([]);
  });

  test("a mode that cannot be turned on is one line with the reason, and the vGPUs are tried nevertheless", () => {
    const refusal = `Unable to set vGPU heterogeneous mode for GPU 00000000:41:00.0: Not Supported`;
    nvidiaSmi(`echo "${refusal}"; exit 3`);
    const { code, report } = host.restore(shell);
    expect([code, report]).toEqual([1, [`${gpuUuid} mixed-size mode of ${gpu} is still Disabled: ${refusal}`]]);
    expect(host.typeOn(0)).toBe("1150");
  });

  test("the mode is not tried on a GPU that has a vGPU already, and the vGPU is named (B147)", () => {
    host.addGpu(gpu, { on: 2 });
    host.write({ [`pci/${vfAt(gpu, 1)}/nvidia/current_vgpu_type`]: "1148\n" });
    const { code, report } = host.restore(shell);
    expect([code, report]).toEqual([
      1,
      [
        `${gpuUuid} mixed-size mode of ${gpu} is Disabled, and cannot change while it has a vGPU: type 1148 on ${vfAt(gpu, 1)}`,
      ],
    ]);
    expect(changes()).toEqual([]);
  });

  test("an nvidia-smi that does not answer is not taken for a mode that is off", () => {
    host.addGpu(gpu, { on: 2 });
    host.write({ [`pci/${vfAt(gpu, 1)}/${uuid}/x`]: "" });
    host.program("nvidia-smi", "exit 124");
    expect(host.restore(shell).report[0]).toBe(
      `${gpuUuid} mixed-size mode of ${gpu} is unknown, and cannot change while it has a vGPU: ${uuid}`,
    );
  });

  test("a GPU without virtual functions has the mode, too, and is followed to another slot", () => {
    const moved = "0000:81:00.0";
    host.remove("pci", "driver", "info", "vgpus");
    host.addGpu(moved);
    host.write({ [`gpus/${gpuUuid}`]: `format=1\naddress=${gpu}\nmixed=on\ncomplete=yes\n` });
    const { code, journal } = host.restore(shell);
    expect(code, journal.join("\n")).toBe(0);
    expect(changes()).toEqual([`nvidia-smi vgpu -i ${moved} -shm 1`]);
    expect(host.read(`gpus/${gpuUuid}`)).toBe(`format=1\nmixed=on\naddress=${moved}\ncomplete=yes\n`);
  });

  test("a GPU that is in MIG mode by now has none", () => {
    host.recordGpu("mixed=on\nmig=on\n");
    nvidiaSmi("exit 9");
    host.write({
      "bin/nvidia-smi": host
        .read("bin/nvidia-smi")
        .replace("*-shm*)", `*--query-gpu*) echo "Enabled, Enabled" ;;\n*-shm*)`),
    });
    const { code, journal } = host.restore(shell);
    expect(code, journal.join("\n")).toBe(0);
    expect(changes()).toEqual([`sriov-manage -e ${gpu}`]);
  });
});
