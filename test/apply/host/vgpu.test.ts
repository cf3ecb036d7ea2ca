import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { quoteAll } from "../../../provider/ssh/script";
import { shells } from "./shell";
import { StandInProcesses } from "./stand-in-processes";

const library = ["common", "whole-files", "hold", "in-use", "definitions", "vgpu"].map((name) =>
  readFileSync(join(__dirname, `../../../provider/apply/host/${name}.sh`), "utf8"),
);
const uuid = "11111111-2222-4333-8444-555555555501";
const vf = "0000:3d:00.4";
const listed = "ID    : vGPU Name\n1145  : NVIDIA L40S-1B\n1150  : NVIDIA L40S-4Q\n";

const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

let root: string;
let processes: StandInProcesses;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "vgpu-functions-"));
  mkdirSync(join(root, "pci", vf, "nvidia"), { recursive: true });
  mkdirSync(join(root, "mdev"));
  file("current_vgpu_type", "0\n");
  file("creatable_vgpu_types", listed);
  file("vgpu_params", "\n");
  processes = new StandInProcesses(root);
});
afterEach(() => rmSync(root, { recursive: true }));

const path = (name: string) => join(root, "pci", vf, "nvidia", name);
const file = (name: string, text: string) => writeFileSync(path(name), text);
const type = () => readFileSync(path("current_vgpu_type"), "utf8").trim();
const record = () =>
  existsSync(join(root, "records", uuid)) ? readFileSync(join(root, "records", uuid), "utf8") : null;

/** Files stand for the driver's: what is written to them reads back, as it does on a VF that takes the type. */
describe.each(shells)("in %s", (shell) => {
  function run(...words: string[]): { code: number | null; says: string } {
    const places = `pci_devices=${root}/pci mdev_devices=${root}/mdev vgpu_records=${root}/records`;
    const input = [...library, places, processes.places, `${quoteAll(words)} 2>&1 </dev/null`].join("\n");
    const { status, stdout } = spawnSync(shell, ["-s"], { input, encoding: "utf8" });
    return { code: status, says: stdout.trim() };
  }

  test("a type is set by its id or its name, after it was recorded with its owner", () => {
    for (const wanted of ["1150", "L40S-4Q"]) {
      file("current_vgpu_type", "0\n");
      expect(run("set_type", vf, wanted, uuid, "", "owner=project/dev#1", "instance=i1")).toEqual({
        code: 0,
        says: "",
      });
      expect(type()).toBe("1150");
      expect(record()).toBe(
        `format=2\nowner=project/dev#1\ninstance=i1\nboot=${boot}\nfunction=${vf}\ntype=1150\nname=NVIDIA L40S-4Q\nparameters=\ncomplete=yes\n`,
      );
    }
  });

  test("a list with the name first, as in NVIDIA's guide, is parsed (B76)", () => {
    file("creatable_vgpu_types", "NVIDIA A40-1Q 557\nNVIDIA A40-2Q         558\n");
    expect(run("set_type", vf, "A40-2Q", uuid, "", "owner=me").code).toBe(0);
    expect([type(), record()]).toEqual(["558", expect.stringMatching(/^name=NVIDIA A40-2Q$/m)]);
  });

  test("a type whose name begins with the wanted one is another type (B60)", () => {
    file("creatable_vgpu_types", "ID    : vGPU Name\n224   : GRID T4-2B4\n223   : GRID T4-2B\n");
    expect(run("set_type", vf, "T4-2B", uuid, "", "owner=me").code).toBe(0);
    expect(type()).toBe("223");
  });

  test("a type that the VF does not offer is neither set nor recorded", () => {
    expect(run("set_type", vf, "1155", uuid, "", "owner=me")).toEqual({
      code: 1,
      says: `${vf} does not offer the type 1155 now`,
    });
    expect([type(), record()]).toEqual(["0", null]);
  });

  test("a VF with another type is unchanged", () => {
    file("current_vgpu_type", "1145\n");
    expect(run("set_type", vf, "1150", uuid, "", "owner=me")).toEqual({
      code: 1,
      says: `${vf} has type 1145 already`,
    });
    expect(run("clear_type", vf, "1150", uuid).says).toBe(
      `${vf} has type 1145 instead of 1150 now, so it is not ours any more`,
    );
    expect(type()).toBe("1145");
  });

  test("setting a type twice changes nothing, and the name of the type is kept", () => {
    run("set_type", vf, "1150", uuid, "", "owner=me");
    const written = record();
    file("creatable_vgpu_types", "");
    expect(run("set_type", vf, "1150", uuid, "", "owner=me").code).toBe(0);
    expect(record()).toBe(written);
    expect(run("clear_type", vf, "1150", uuid).code).toBe(0);
    expect(run("clear_type", vf, "1150", uuid).code).toBe(0);
    expect([type(), record()]).toEqual(["0", null]);
  });

  test("an adopted vGPU has its owner in the record, and one of another type is not adopted", () => {
    file("current_vgpu_type", "1150\n");
    expect(run("adopt_vgpu", uuid, vf, "1145", "", "owner=me").code).toBe(1);
    expect(record()).toBeNull();
    expect(run("adopt_vgpu", uuid, vf, "1150", "a=1", "owner=me", "serves=other").code).toBe(0);
    expect(record()).toBe(
      `format=2\nowner=me\nserves=other\nboot=${boot}\nfunction=${vf}\ntype=1150\nname=\nparameters=a=1\ncomplete=yes\n`,
    );
  });

  test.skipIf(process.getuid?.() !== 0)(
    "on a full disk nothing is created, and an earlier record stays complete",
    () => {
      const full = join(root, "records");
      mkdirSync(full);
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8k", "tmpfs", full]);
      if (mounted.status !== 0) return;
      try {
        expect(run("set_type", vf, "1150", uuid, "", "owner=me").code).toBe(0);
        const written = record();
        writeFileSync(join(full, "filler"), "");
        spawnSync("sh", ["-c", `cat /dev/zero >${full}/filler 2>/dev/null`]);
        file("current_vgpu_type", "0\n");
        const { code, says } = run("set_type", vf, "1150", uuid, "", "owner=other");
        expect([code, says]).toEqual([
          1,
          `${full}/${uuid} cannot be written (No space left on device): is the disk full or read-only?`,
        ]);
        expect([type(), record()]).toEqual(["0", written]);
      } finally {
        spawnSync("umount", [full]);
      }
    },
  );

  test("parameters are read back, and a space clears them (B61)", () => {
    expect(run("set_parameters", vf, "frame_rate_limiter=0,disable_vnc=1").code).toBe(0);
    expect(readFileSync(path("vgpu_params"), "utf8")).toBe("frame_rate_limiter=0,disable_vnc=1\n");
    expect(run("set_parameters", vf, "").code).toBe(0);
    expect(readFileSync(path("vgpu_params"), "utf8")).toBe(" \n");
  });

  test("parameters that are set are recorded, and the rest of the record stays", () => {
    expect(run("set_type", vf, "1150", uuid, "a=1", "owner=me", "serves=other").code).toBe(0);
    const before = record()!;
    expect(run("set_parameters", vf, "b=\\2&/x", uuid)).toEqual({ code: 0, says: "" });
    expect(record()).toBe(before.replace("parameters=a=1", "parameters=b=\\2&/x"));
    expect(readdirSync(join(root, "records"))).toEqual([uuid]);
  });

  test("parameters of a vGPU without a record, or with one of version 0.1, are set", () => {
    expect(run("set_parameters", vf, "a=1", uuid).code).toBe(0);
    expect(record()).toBeNull();
    mkdirSync(join(root, "records"));
    const old = `owner=me\nfunction=${vf}\ntype=1150\n`;
    writeFileSync(join(root, "records", uuid), old);
    expect(run("set_parameters", vf, "a=2", uuid).code).toBe(0);
    expect(record()).toBe(old);
  });

  test("a record that ends early while it is read is not written again as a whole one", () => {
    mkdirSync(join(root, "records"));
    const cut = `format=2\nowner=me\nfunction=${vf}\n`;
    writeFileSync(join(root, "records", uuid), cut);
    const step = `is_complete() { true; }; set_parameters ${vf} a=2 ${uuid}`;
    expect(run("eval", step)).toEqual({ code: 1, says: `${root}/records/${uuid} cannot be read to its end` });
    expect(record()).toBe(cut);
  });

  test("a vGPU that a starting guest names and has not opened yet is in use", () => {
    file("current_vgpu_type", "1150\n");
    processes.add(4410, { command: "qemu", words: ["qemu", `vfio-pci,sysfsdev=/sys/bus/pci/devices/${vf}`] });
    expect(run("clear_type", vf, "1150", uuid)).toEqual({ code: 1, says: `${vf} is used by qemu (pid 4410)` });
    expect(type()).toBe("1150");
  });

  test("a type that the driver keeps is an error, after another attempt with the group closed", () => {
    file("current_vgpu_type", "1150\n");
    mkdirSync(join(root, "groups/44"), { recursive: true });
    mkdirSync(join(root, "vfio"));
    symlinkSync(join(root, "groups/44"), join(root, "pci", vf, "iommu_group"));
    symlinkSync("/dev/null", join(root, "vfio/44"));
    const keeps = `read_kernel_message() { reason=busy; }; echo() { printf '[%s]' "$held" >>${root}/tries; printf '1150\\n'; }`;
    const places = `pci_devices=${root}/pci mdev_devices=${root}/mdev vgpu_records=${root}/records`;
    const input = [...library, places, processes.places, keeps, `clear_type ${vf} 1150 2>&1`].join("\n");
    expect(spawnSync(shell, ["-s"], { input, encoding: "utf8" }).stdout).toBe(`${vf} keeps type 1150: busy\n`);
    expect(readFileSync(join(root, "tries"), "utf8")).toBe("[ 44 ][ ]");
  });
});
