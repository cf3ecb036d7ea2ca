import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BootedHost, gpu, gpuUuid, hostShells } from "./booted-host";

describe.each(hostShells)("restoring MIG after a boot, in %s,", (shell) => {
  let host: BootedHost;
  beforeEach(() => {
    host = new BootedHost();
    host.addGpu(gpu);
    host.addSriovManage();
    host.recordGpu("mig=on\ninstances=9@4 14@2\n");
    host.recordVgpu();
    host.write({ mode: "Disabled, Disabled\n", instances: "" });
    host.program("timeout", 'shift; exec "$@"');
    nvidiaSmi(`echo "Enabled, Enabled" >${host.root}/mode`);
  });
  afterEach(() => host.remove("."));

  /** What nvidia-smi lists is in the files `mode` and `instances`. */
  const nvidiaSmi = (onMode: string) =>
    host.program(
      "nvidia-smi",
      `case "$*" in
      *--query-gpu*) cat ${host.root}/mode ;;
      *-lgi*) [ -s ${host.root}/instances ] || { echo "No GPU instances found: Not Found"; exit 6; }; exec cat ${host.root}/instances ;;
      *-mig*) ${onMode} ;;
      *-cgi*) at=$5; echo "|   0  MIG any   \${at%:*}   7   \${at#*:}:1   |" >>${host.root}/instances ;;
      esac`,
    );
  /** The calls that change something, in their order. */
  const changes = () => host.calls().filter((call) => /^nvidia-smi .*(-mig|-cgi)|^sriov-manage/.test(call));

  test("the mode is turned on before the virtual functions, and the instances are created before the vGPUs (B100)", () => {
    const { code, journal, report } = host.restore(shell);
    expect([code, report], journal.join("\n")).toEqual([0, []]);
    expect(changes()).toEqual([
      `nvidia-smi -i ${gpu} -mig 1`,
      `sriov-manage -e ${gpu}`,
      `nvidia-smi mig -i ${gpu} -cgi 9:4 -C`,
      `nvidia-smi mig -i ${gpu} -cgi 14:2 -C`,
    ]);
    expect(host.typeOn(0)).toBe("1150");
    expect(host.read(`gpus/${gpuUuid}`)).toContain("mig=on\ninstances=9@4 14@2\n");
  });

  test("a second run changes nothing", () => {
    host.restore(shell);
    host.remove("calls");
    expect(host.restore(shell).code).toBe(0);
    expect(changes()).toEqual([]);
  });

  test("a mode that waits for a reset is one line, and the virtual functions stay off", () => {
    nvidiaSmi(`echo "Disabled, Enabled" >${host.root}/mode`);
    const { code, report } = host.restore(shell);
    expect(code).toBe(1);
    expect(report[0]).toBe(`${gpuUuid} ${gpu} takes its MIG mode only at its next reset`);
    expect(existsSync(host.at(`pci/${gpu}/virtfn0`))).toBe(false);
  });

  test("the mode is not changed under virtual functions that are on", () => {
    host.addGpu(gpu, { on: 2 });
    expect(host.restore(shell).report[0]).toBe(
      `${gpuUuid} MIG mode of ${gpu} is off, and cannot change while its virtual functions are on`,
    );
    expect(changes()).toEqual([]);
  });

  test("an instance that cannot be created does not keep the other one from it", () => {
    host.write({ mode: "Enabled, Enabled\n" });
    const script = host
      .read("bin/nvidia-smi")
      .replace("*-cgi*)", '*-cgi*9:4*) echo "Unable to create: Insufficient Resources" ;; *-cgi*)');
    host.write({ "bin/nvidia-smi": script });
    const { code, report } = host.restore(shell);
    expect(code).toBe(1);
    expect(report[0]).toMatch(/^GPU-\S+ no GPU instance of profile 9 was created at slice 4/);
    expect(host.read("instances")).toContain("2:1");
  });

  describe("whose record has no virtual functions", () => {
    beforeEach(() => {
      host.remove("vgpus");
      host.write({ [`gpus/${gpuUuid}`]: `format=1\naddress=${gpu}\nmig=on\nmig_owner=p/s#1\ncomplete=yes\n` });
    });

    test("turns only the mode on", () => {
      const { code, journal } = host.restore(shell);
      expect([code, journal.at(-1)], journal.join("\n")).toEqual([0, "2 in place, 0 not restored"]);
      expect(changes()).toEqual([`nvidia-smi -i ${gpu} -mig 1`]);
      host.remove("calls");
      expect(host.restore(shell).code).toBe(0);
      expect(changes()).toEqual([]);
    });

    test("is written again for a GPU that was moved", () => {
      const moved = "0000:81:00.0";
      host.remove("pci", "driver", "info");
      host.addGpu(moved);
      const { code, journal } = host.restore(shell);
      expect(code, journal.join("\n")).toBe(0);
      expect(journal).toContain(`${gpuUuid} was moved from ${gpu} to ${moved}`);
      expect(host.read(`gpus/${gpuUuid}`)).toBe(`format=1\nmig=on\nmig_owner=p/s#1\naddress=${moved}\ncomplete=yes\n`);
    });

    test("has its instances and vGPUs when another program has enabled virtual functions, and not before", () => {
      host.write({ [`gpus/${gpuUuid}`]: host.read(`gpus/${gpuUuid}`).replace("complete", "instances=9@4\ncomplete") });
      host.recordVgpu();
      const failed = host.restore(shell);
      expect(failed.code).toBe(1);
      expect(failed.report).toEqual([
        `${gpuUuid} ${gpu} has no virtual functions, which its record leaves to another program`,
        `11111111-2222-4333-8444-555555555501 ${gpu} has no virtual function 0`,
      ]);
      // It comes while the restorer waits.
      host.program("sleep", `${host.root}/bin/sriov-manage -e ${gpu}`);
      const { code, journal } = host.restore(shell, "restore_seconds=30");
      expect(code, journal.join("\n")).toBe(0);
      expect(host.read("instances")).toContain("4:1");
      expect(host.typeOn(0)).toBe("1150");
    });
  });
});
