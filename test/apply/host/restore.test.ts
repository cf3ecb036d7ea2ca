import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BootedHost, gpu, gpuUuid, hostShells, thisBoot, uuid, vfAt } from "./booted-host";

describe.each(hostShells)("restoring after a boot, in %s,", (shell) => {
  let host: BootedHost;
  beforeEach(() => {
    host = new BootedHost();
  });
  afterEach(() => host.remove("."));

  const restore = (more?: string) => host.restore(shell, more);

  test("virtual functions are enabled, then vGPUs get their types, and their records name this boot", () => {
    host.addGpu(gpu);
    host.addSriovManage();
    host.recordGpu();
    host.recordVgpu({ vf: "1" });
    const { code, journal, report } = restore();
    expect([code, report], journal.join("\n")).toEqual([0, []]);
    expect(journal.at(-1)).toBe("3 in place, 0 not restored");
    expect([host.typeOn(0), host.typeOn(1)]).toEqual(["0", "1150"]);
    expect(host.read(`vgpus/${uuid}`)).toContain(`boot=${thisBoot}\n`);
    expect(host.read(`vgpus/${uuid}`)).toContain("restore=yes\nlater=kept\n");
  });

  test("a second run changes nothing and starts no tool that could", () => {
    host.addGpu(gpu);
    host.addSriovManage();
    host.recordGpu();
    host.recordVgpu();
    restore();
    const files = () => [host.read(`vgpus/${uuid}`), host.read(`gpus/${gpuUuid}`), host.typeOn(0), host.typeOn(1)];
    const before = files();
    host.remove("calls");
    expect(restore().code).toBe(0);
    expect(files()).toEqual(before);
    expect(host.calls().filter((call) => /^(sriov-manage|systemctl (re)?start)/.test(call))).toEqual([]);
  });

  test("a GPU that was moved is found by its UUID, and the records have its new places", () => {
    const moved = "0000:81:00.0";
    host.addGpu(moved);
    host.addSriovManage();
    host.recordGpu("later=kept\n");
    host.recordVgpu({ vf: "1" });
    const { code, journal } = restore();
    expect(code, journal.join("\n")).toBe(0);
    expect(journal).toContain(`${gpuUuid} was moved from ${gpu} to ${moved}`);
    expect(host.typeOn(1, moved)).toBe("1150");
    expect(host.read(`vgpus/${uuid}`)).toContain(`function=${vfAt(moved, 1)}\n`);
    expect(host.read(`gpus/${gpuUuid}`)).toBe(
      `format=1\nowner=p/s#1\nlater=kept\nvfs=2\naddress=${moved}\ncomplete=yes\n`,
    );
  });

  test("a vGPU on a GPU itself follows a GPU that was moved", () => {
    const moved = "0000:81:00.0";
    host.addGpu(moved);
    const type = host.addMdev(moved, gpu);
    const { code, journal } = restore();
    expect(code, journal.join("\n")).toBe(0);
    expect(host.read(`${type}/create`)).toBe(`${uuid}\n`);
    expect(host.read(`vgpus/${uuid}`)).toContain(`function=${moved}\n`);
  });

  describe("two GPUs of a kind", () => {
    const other = { address: "0000:81:00.0", uuid: "GPU-00000a40-1111-4222-8333-000000000a41" };
    const ofOther = "22222222-2222-4333-8444-555555555501";
    const ofBoth = [gpuUuid, other.uuid];
    /** Each has a vGPU of another type, on another VF. */
    beforeEach(() => {
      host.addSriovManage();
      host.recordGpu();
      host.recordVgpu({ vf: "0" });
      host.recordVgpu({ vf: "1", identity: other.uuid, id: ofOther });
      const moved = (path: string) =>
        host.read(path).replace(vfAt(gpu, 1), vfAt(other.address, 1)).replace("type=1150", "type=1148");
      host.write({
        [`gpus/${other.uuid}`]: host.read(`gpus/${gpuUuid}`).replace(gpu, other.address),
        [`vgpus/${ofOther}`]: moved(`vgpus/${ofOther}`),
      });
    });
    const typesAt = (address: string) => [host.typeOn(0, address), host.typeOn(1, address)];
    const recordedAt = () => ofBoth.map((one) => /address=(.*)/.exec(host.read(`gpus/${one}`))![1]);

    test("have their own vGPUs again", () => {
      host.addGpu(gpu);
      host.addGpu(other.address, { identity: other.uuid });
      const { code, journal } = restore();
      expect(code, journal.join("\n")).toBe(0);
      expect([typesAt(gpu), typesAt(other.address)]).toEqual([
        ["1150", "0"],
        ["0", "1148"],
      ]);
    });

    test("have their own vGPUs again in each other's slot, and the records have the new places", () => {
      host.addGpu(gpu, { identity: other.uuid });
      host.addGpu(other.address);
      const { code, journal } = restore();
      expect(code, journal.join("\n")).toBe(0);
      expect([typesAt(gpu), typesAt(other.address)]).toEqual([
        ["0", "1148"],
        ["1150", "0"],
      ]);
      expect(recordedAt()).toEqual([other.address, gpu]);
      expect(host.read(`vgpus/${uuid}`)).toContain(`function=${vfAt(other.address, 0)}\n`);
      expect(host.read(`vgpus/${ofOther}`)).toContain(`function=${vfAt(gpu, 1)}\n`);
    });

    test("of which one is gone, and the other one is in its slot: that one has its own vGPUs, and none of the missing one", () => {
      host.addGpu(gpu, { identity: other.uuid });
      const { code, report } = restore();
      expect([code, report]).toEqual([
        1,
        [
          `${gpuUuid} ${gpu} has another GPU now, ${other.uuid}, which is skipped`,
          `${uuid} the GPU ${gpuUuid} is missing`,
        ],
      ]);
      expect(typesAt(gpu)).toEqual(["0", "1148"]);
      expect(recordedAt()).toEqual([gpu, gpu]);
      expect(host.read(`vgpus/${uuid}`)).toContain("type=1150\n");
    });
  });

  test("mediated devices are created under their UUID, on a GPU without virtual functions, too", () => {
    host.addGpu(gpu);
    const type = host.addMdev(gpu);
    const { code, journal } = restore();
    expect(code, journal.join("\n")).toBe(0);
    expect(host.read(`${type}/create`)).toBe(`${uuid}\n`);
    expect(host.read(`vgpus/${uuid}`)).toContain(`boot=${thisBoot}\n`);
  });
});
