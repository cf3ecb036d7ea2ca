import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BootedHost, gpu, gpuUuid, hostShells, lastBoot, thisBoot, uuid, vfAt } from "./booted-host";

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

  describe("in the folders of records", () => {
    const nothingCreated = () => {
      expect([host.typeOn(0), host.typeOn(1)]).toEqual(["0", "0"]);
      expect(existsSync(host.at("injected"))).toBe(false);
    };
    beforeEach(() => host.addGpu(gpu, { on: 2 }));

    test("files that no version writes are skipped, whatever their names are", () => {
      host.recordGpu();
      host.recordVgpu();
      const [ofGpu, ofVgpu] = [host.read(`gpus/${gpuUuid}`), host.read(`vgpus/${uuid}`)];
      host.remove("gpus", "vgpus");
      for (const name of ["~", ".bak", " (copy)", "\nGPU-1", "$(touch injected)", "*", ".new"])
        host.write({ [`gpus/${gpuUuid}${name}`]: ofGpu, [`vgpus/${uuid}${name}`]: ofVgpu });
      host.write({ [`gpus/.${gpuUuid}.new`]: "format=1\n", [`vgpus/.${uuid}.new`]: "format=2\nrestore=yes\n" });
      host.write({
        [`vgpus/${"$(touch${IFS}injected)".padEnd(36, "-")}`]: ofVgpu,
        "vgpus/????????-????-????-????-????????????": ofVgpu,
      });
      const { code, journal } = restore();
      expect([code, journal], journal.join("\n")).toEqual([0, ["1 in place, 0 not restored"]]);
      nothingCreated();
    });

    test.each([
      ["is empty", () => ""],
      ["has line ends of Windows", (text: string) => text.replaceAll("\n", "\r\n")],
      ["has only zeros, as after a power cut on some file systems", (text: string) => "\0".repeat(text.length)],
    ])("a record that %s is not complete, and creates nothing", (_, spoilt) => {
      host.recordGpu();
      host.recordVgpu();
      for (const path of [`gpus/${gpuUuid}`, `vgpus/${uuid}`]) host.write({ [path]: spoilt(host.read(path)) });
      expect(restore().report).toEqual([
        `${gpuUuid} ${host.root}/gpus/${gpuUuid} is not complete`,
        `${uuid} ${host.root}/vgpus/${uuid} is not complete`,
      ]);
      nothingCreated();
    });

    test("a record in the format of a later version is one line, and nothing is guessed", () => {
      host.recordVgpu();
      host.write({ [`vgpus/${uuid}`]: host.read(`vgpus/${uuid}`).replace("format=2", "format=3") });
      expect(restore().report).toEqual([
        `${uuid} ${host.root}/vgpus/${uuid} has the format 3, which this version of the restorer does not know`,
      ]);
      nothingCreated();
    });
  });

  test("a GPU that another driver has taken at this boot is reported with that driver", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordGpu();
    host.remove("info", `driver/${gpu}`);
    host.write({ "drivers/vfio-pci/x": "", "info/0000:99:00.0/information": "GPU UUID: GPU-of-another\n" });
    symlinkSync(host.at("drivers/vfio-pci"), host.at(`pci/${gpu}/driver`));
    expect(restore().report).toEqual([
      `${gpuUuid} the GPU ${gpuUuid} is not used by the driver nvidia: ${gpu}, where it was, is bound to vfio-pci`,
    ]);
  });

  test("a /run in which nothing more can be written does not keep a vGPU from being restored", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordVgpu();
    host.program("mkdir", 'case $* in *run-restore*) exit 1 ;; esac; exec /bin/mkdir "$@"');
    const { code, journal } = restore();
    expect(code, journal.join("\n")).toBe(0);
    expect(journal[0]).toMatch(/run\/run-restore-\d+ cannot be written: is the disk full or read-only\?$/);
    expect(journal).toHaveLength(3);
    expect(host.typeOn(0)).toBe("1150");
  });

  test("a GPU whose MIG mode cannot be turned on does not make vGPUs wait for its virtual functions", () => {
    host.addGpu(gpu);
    host.recordGpu("mig=on\n");
    host.recordVgpu();
    const begun = Date.now();
    expect(restore("restore_seconds=60").report).toEqual([
      `${gpuUuid} MIG mode of ${gpu} cannot be read: nvidia-smi printed nothing`,
      `${uuid} ${gpu} has no virtual function 0`,
    ]);
    expect(Date.now() - begun).toBeLessThan(30_000);
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
      `${uuid} ${host.root}/vgpus/${uuid} cannot be written (No space left on device): is the disk full or read-only?`,
    ]);
    expect(host.read(`vgpus/${uuid}`)).toContain(`boot=${lastBoot}\n`);
    expect(restore().report).toEqual([]);
    expect(host.read(`vgpus/${uuid}`)).toContain(`boot=${thisBoot}\n`);
    expect(existsSync(host.at(`run/unrecorded-${uuid}`))).toBe(false);
  });

  test("a vGPU whose parameters the driver refuses is still known as ours", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordVgpu();
    host.write({ [`vgpus/${uuid}`]: host.read(`vgpus/${uuid}`).replace("parameters=", "parameters=a=1") });
    const refusing = restore('set_parameters() { fail "the driver refuses the parameters $2 for $1"; }');
    expect(refusing.report).toEqual([`${uuid} the driver refuses the parameters a=1 for ${vfAt(gpu, 0)}`]);
    expect([host.typeOn(0), restore().report]).toEqual(["1150", []]);
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

  test("a type whose id has another name in the new driver is not created, and one with another vendor's word is", () => {
    host.addGpu(gpu, { on: 2 });
    host.recordVgpu();
    const offers = (name: string) =>
      host.write({ [`pci/${vfAt(gpu, 0)}/nvidia/creatable_vgpu_types`]: `ID : vGPU Name\n1150  : ${name}\n` });
    offers("NVIDIA L40S-6Q");
    const renamed = (name: string, before: string) =>
      `type ${name} for this driver, and was ${before} when it was recorded`;
    expect(restore().report).toEqual([`${uuid} ${renamed("1150 is NVIDIA L40S-6Q", "NVIDIA L40S-4Q")}`]);
    expect(host.typeOn(0)).toBe("0");
    offers("GRID L40S-4Q");
    expect(restore().report).toEqual([]);
    expect(host.typeOn(0)).toBe("1150");
  });

  test("a mediated device whose type has another name in the new driver is not created", () => {
    host.addGpu(gpu);
    const type = host.addMdev(gpu);
    host.write({ [`${type}/name`]: "GRID T4-8Q\n" });
    expect(restore().report).toEqual([
      `${uuid} type 558 is GRID T4-8Q for this driver, and was T4-4Q when it was recorded`,
    ]);
    expect(host.read(`${type}/create`)).toBe("");
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
