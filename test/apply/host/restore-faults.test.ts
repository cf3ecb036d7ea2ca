import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BootedHost, gpu, gpuUuid, hostShells, lastBoot, uuid, vfAt } from "./booted-host";

describe.each(hostShells)("a boot with a fault, in %s,", (shell) => {
  let host: BootedHost;
  beforeEach(() => {
    host = new BootedHost();
  });
  afterEach(() => host.remove("."));

  const restore = (more?: string) => host.restore(shell, more);

  test("virtual functions that are on in another number are unchanged, and reported", () => {
    host.addGpu(gpu, { on: 1 });
    host.addSriovManage();
    host.recordGpu();
    const { code, report } = restore();
    expect(code).toBe(1);
    expect(report).toEqual([
      `${gpuUuid} ${gpu} has 1 virtual functions instead of 2, and only pulumi up may enable them again`,
    ]);
    expect(host.calls().filter((call) => call.startsWith("sriov-manage"))).toEqual([]);
  });

  test("an item that fails does not keep the next one from being restored", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordVgpu({ vf: "7", id: "00000000-2222-4333-8444-555555555501" });
    host.recordVgpu();
    const { code, report } = restore();
    expect(code).toBe(1);
    expect(report).toEqual([`00000000-2222-4333-8444-555555555501 ${gpu} has no virtual function 7`]);
    expect(host.typeOn(0)).toBe("1150");
  });

  test("a type that another program set since the boot is not taken for the one of the record", () => {
    host.addGpu(gpu, { on: 2 });
    host.write({ [`pci/${vfAt(gpu, 0)}/nvidia/current_vgpu_type`]: "1150\n" });
    host.recordVgpu();
    const { code, report } = restore();
    expect(code).toBe(1);
    expect(report).toEqual([
      `${uuid} ${vfAt(gpu, 0)} has type 1150 already, which was set since this boot by another program`,
    ]);
    expect(host.read(`vgpus/${uuid}`)).toContain(`boot=${lastBoot}\n`);
  });

  test("another GPU in the slot is skipped, and so is what was on the one before", () => {
    host.addGpu(gpu, { identity: "GPU-another" });
    host.addSriovManage();
    host.recordGpu();
    host.recordVgpu();
    const { code, report } = restore();
    expect(code).toBe(1);
    expect(report).toEqual([
      `${gpuUuid} ${gpu} has another GPU now, GPU-another, which is skipped`,
      `${uuid} the GPU ${gpuUuid} is missing`,
    ]);
    expect(host.calls().filter((call) => call.startsWith("sriov-manage"))).toEqual([]);
  });

  test("where neither the driver nor nvidia-smi answers, no GPU is said to be missing", () => {
    host.addGpu(gpu, { identity: "GPU-????????-????-????-????-????????????" });
    host.program("nvidia-smi", "echo 'No devices were found'; exit 6");
    host.recordGpu();
    const { code, report } = restore();
    expect([code, report]).toEqual([
      1,
      [`${gpuUuid} neither the driver nor nvidia-smi reports a GPU, so ${gpuUuid} cannot be found`],
    ]);
  });

  test("UUIDs that the driver does not show yet come from nvidia-smi", () => {
    host.addGpu(gpu, { identity: "GPU-????????-????-????-????-????????????", on: 2 });
    host.program("nvidia-smi", `echo "${gpuUuid}, 00000000:41:00.0"`);
    host.recordGpu();
    expect(restore().code).toBe(0);
  });

  test("a kernel without the module is one line, and nothing is tried", () => {
    host.remove("driver");
    host.program("modinfo", "exit 1");
    host.recordGpu();
    host.recordVgpu();
    const { code, journal, report } = restore();
    expect(code).toBe(1);
    expect(report).toEqual([
      expect.stringMatching(/^host the kernel \S+ has no module nvidia: the driver has to be installed for it$/),
    ]);
    expect(journal).toHaveLength(2);
  });

  test("a module that was not loaded, and a daemon that does not run, are one line each", () => {
    host.program("systemctl", "echo failed; echo inactive");
    expect(restore().report).toEqual(["host nvidia-vgpu-mgr is failed, and without it there are no vGPU types"]);
    host.remove("driver");
    expect(restore().report).toEqual(["host the driver nvidia 580.105.06 is installed and was not loaded within 0 s"]);
  });

  test("a record that was cut off, and one of a vGPU that is not to be restored, create nothing", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordVgpu({ end: "" });
    host.write({
      [`vgpus/${uuid.replace(/^1/, "2")}`]: `format=2\ngpu=${gpuUuid}\nfunction=${vfAt(gpu, 1)}\ntype=1150\ncomplete=yes\n`,
    });
    const { code, report } = restore();
    expect(code).toBe(1);
    expect(report).toEqual([`${uuid} ${host.root}/vgpus/${uuid} is not complete`]);
    expect([host.typeOn(0), host.typeOn(1)]).toEqual(["0", "0"]);
  });

  test("a type that the driver refuses leaves the record of the last boot", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordVgpu();
    const { code, report } = restore('write_for() { reason="NVRM: no"; }');
    expect(code).toBe(1);
    expect(report).toEqual([`${uuid} the driver refuses type 1150 on ${vfAt(gpu, 0)}: NVRM: no`]);
    expect(readdirSync(host.at("vgpus"))).toEqual([uuid]);
    expect(host.read(`vgpus/${uuid}`)).toContain(`boot=${lastBoot}\n`);
  });

  test("a vGPU is restored although its record cannot be written, and that is reported", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordVgpu();
    const { code, report } = restore("sync() { echo 'No space left on device' >&2; return 1; }");
    expect(code).toBe(1);
    expect(host.typeOn(0)).toBe("1150");
    expect(report).toEqual([
      `${uuid} the record of ${uuid} cannot be written to ${host.root}/vgpus: No space left on device`,
    ]);
    expect(host.read(`vgpus/${uuid}`)).toContain(`boot=${lastBoot}\n`);
  });

  test("a GPU whose virtual functions cannot be enabled does not make the vGPUs of others wait", () => {
    host.addGpu(gpu, { on: 1 });
    host.recordGpu();
    host.recordVgpu({ vf: "7" });
    const begun = Date.now();
    expect(restore("restore_seconds=60").report).toHaveLength(2);
    expect(Date.now() - begun).toBeLessThan(30_000);
  });

  test("a GPU that is held open has its holder in the report, and the vGPUs of the others are there", () => {
    host.addGpu(gpu);
    host.addGpu("0000:81:00.0", { identity: "GPU-2", on: 2 });
    host.program("sriov-manage", "echo 'Cannot obtain unbindLock for 0000:41:00.0'");
    host.program("sleep");
    host.recordGpu();
    host.recordVgpu();
    host.recordVgpu({ identity: "GPU-2", id: "22222222-2222-4333-8444-555555555501" });
    const { code, report } = restore("name_gpu_holder() { user='dcgm-exporter (pid 7)'; }");
    expect(code).toBe(1);
    expect(report).toEqual([
      `${gpuUuid} Cannot obtain unbindLock for ${gpu}: dcgm-exporter (pid 7) has it open`,
      `${uuid} ${gpu} has no virtual function 0`,
    ]);
    expect(host.typeOn(0, "0000:81:00.0")).toBe("1150");
  });

  test("an nvidia-vgpud that is late is waited for", () => {
    host.addGpu(gpu);
    host.addSriovManage();
    host.recordGpu();
    host.recordVgpu();
    host.program(
      "systemctl",
      `[ $(grep -c systemctl ${host.root}/calls) -gt 3 ] && echo active && echo inactive || echo "active\nactivating"`,
    );
    const { code, journal } = restore("restore_seconds=30");
    expect(code, journal.join("\n")).toBe(0);
    expect(host.calls().findIndex((call) => call.startsWith("sriov-manage"))).toBeGreaterThan(3);
  });

  test("a type that the new driver does not offer is one line, and the others are there", () => {
    host.addGpu(gpu);
    host.recordVgpu();
    host.remove("vgpus");
    host.addMdev(gpu);
    const gone = "22222222-2222-4333-8444-555555555501";
    host.write({ [`vgpus/${gone}`]: host.read(`vgpus/${uuid}`).replace("type=558", "type=99") });
    expect(restore().report).toEqual([`${gone} ${gpu} offers no type 99`]);
  });

  test("a mediated device that somebody created meanwhile stays, and is reported if it is another one", () => {
    host.addGpu(gpu);
    const type = host.addMdev(gpu);
    host.write({ [`mdev/${uuid}/x`]: "" });
    expect(restore().report).toEqual([]);
    host.remove(`${type}/devices`);
    expect(restore().report).toEqual([`${uuid} it exists already, with another type or on another function`]);
    expect(host.read(`${type}/create`)).toBe("");
  });
});
