import { expect } from "vitest";
import type { LabHost } from "..";
import type { Behaviour } from "./behaviour";
import {
  availableInstances,
  createMdev,
  disableVfs,
  enableVfs,
  setType,
  smi,
  uuid,
  virtualFunctions,
  withKnob,
} from "./devices";
import { A40, A100 } from "./mig-mode";
import { L40S } from "./vendor";

/** Returns the state of mixed-size mode. */
const mode = async (lab: LabHost, gpu: string): Promise<string | undefined> =>
  /vGPU Heterogeneous Mode\s*: (\S+)/.exec(await lab.run(`nvidia-smi -q -i ${gpu}`))?.[1];

/** Returns a field of a type in `nvidia-smi vgpu -s -v` or `-c -v`. */
async function typeField(lab: LabHost, gpu: string, list: "-s" | "-c", type: string, field: string) {
  const blocks = (await lab.run(`nvidia-smi vgpu -i ${gpu} ${list} -v`)).split("vGPU Type ID");
  const block = blocks.find((text) => new RegExp(`Name\\s+: .*${type}\\n`).test(text)) ?? "";
  return new RegExp(`${field}\\s+: (.*)\\n`).exec(block)?.[1]?.trim();
}

/** Creates mdevs of the A40, on one VF each. Returns what the kernel answered. */
async function createAll(lab: LabHost, types: string[]): Promise<string[]> {
  const vfs = await virtualFunctions(lab, A40);
  const answers: string[] = [];
  for (const [n, type] of types.entries()) answers.push(await createMdev(lab, vfs[n]!, type, uuid(n)));
  return answers;
}

const removeAll = (lab: LabHost) =>
  lab.run("for one in /sys/bus/mdev/devices/*/remove; do [ ! -e $one ] || echo 1 > $one; done");

/** Mixed sizes with mdev on R550. The VFs of the A40 are enabled, and it has no vGPU when a check starts and when it ends. */
export const mixedSizes: Behaviour[] = [
  {
    id: "B90",
    title: "-shm 1 ends with 19 if the GPU has a vGPU, with 6 for an unknown GPU, and does not apply with MIG on",
    async check(lab) {
      await createAll(lab, ["A40-12Q"]);
      expect((await smi(lab, `vgpu -i ${A40} -shm 1`)).code).toBe(19);
      expect((await smi(lab, "vgpu -i 9 -shm 1")).code).toBe(6);
      expect((await smi(lab, `vgpu -i ${A100} -shm 1`)).stdout).toContain("Not Supported");
      await removeAll(lab);
    },
  },
  {
    id: "B91",
    title: "without mixed-size mode the first type fixes the size, although the card reports that it mixes sizes",
    async check(lab) {
      expect(await mode(lab, A40)).toBe("Disabled");
      expect(await lab.run(`nvidia-smi -q -i ${A40}`)).toMatch(/Heterogeneous Time-Slice Sizes\s+: Supported\n/);
      expect(await createAll(lab, ["A40-12Q", "A40-24Q"])).toEqual(["", "Input/output error"]);
      await removeAll(lab);
    },
  },
  {
    id: "B92",
    title: "-q has Heterogenous Multi-vGPU, and Not Supported contains Supported",
    async check(lab) {
      expect(await lab.run("nvidia-smi -q")).toMatch(/^ {8}Heterogenous Multi-vGPU\s+: Supported$/m);
      expect(await lab.run(`nvidia-smi -q -i ${A100}`)).toMatch(/Heterogeneous Time-Slice Sizes\s+: Not Supported\n/);
    },
  },
  {
    id: "B93",
    title: "in mixed-size mode the placements decide, and four A40-8Q fit instead of six",
    async check(lab) {
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 1`);
      expect(await createAll(lab, ["A40-12Q", "A40-24Q", "A40-8Q", "A40-6Q"])).toEqual([
        "",
        "",
        "",
        "Input/output error",
      ]);
      const room = await availableInstances(lab, (await virtualFunctions(lab, A40))[9]!);
      expect([room["A40-6Q"], room["A40-4Q"], room["A40-8Q"], room["A40-12Q"]]).toEqual([0, 1, 0, 0]);
      await removeAll(lab);
      expect(await createAll(lab, Array<string>(5).fill("A40-8Q"))).toEqual(["", "", "", "", "Input/output error"]);
      await removeAll(lab);
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 0`);
    },
  },
  {
    id: "B147",
    title: "-shm with a vGPU is refused as in use, and works when it is gone",
    async check(lab) {
      await createAll(lab, ["A40-12Q"]);
      expect((await smi(lab, `vgpu -i ${A40} -shm 1`)).stdout).toContain("In use by another client");
      await removeAll(lab);
      expect(await lab.run(`nvidia-smi vgpu -i ${A40} -shm 1`)).toBe(
        "Enabled vGPU heterogeneous mode for GPU 00000000:41:00.0\n",
      );
      expect(await createAll(lab, ["A40-24Q", "A40-12Q"])).toEqual(["", ""]);
      await removeAll(lab);
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 0`);
    },
  },
  {
    id: "B148",
    title: "mixed-size mode that is set before the VFs reads as enabled, and is lost when they are enabled",
    async check(lab) {
      await disableVfs(lab, A40);
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 1`);
      expect(await mode(lab, A40)).toBe("Enabled");
      await enableVfs(lab, A40);
      expect(await mode(lab, A40)).toBe("Disabled");
    },
  },
  {
    id: "B149",
    title: "in mixed-size mode a second size is accepted, and as many of one size fit as without it",
    async check(lab) {
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 1`);
      expect(await createAll(lab, ["A40-24Q", "A40-12Q", "A40-6C"])).toEqual(["", "", ""]);
      await removeAll(lab);
      expect(await createAll(lab, Array<string>(5).fill("A40-12Q"))).toEqual(["", "", "", "", "Input/output error"]);
      await removeAll(lab);
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 0`);
    },
  },
  {
    id: "B150",
    title: "in mixed-size mode a type has the placement ids of the guide's tables, and fits as often",
    async check(lab) {
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 1`);
      const ids = (type: string) => typeField(lab, A40, "-s", type, "Supported Placement IDs");
      expect(await ids("A40-16Q")).toBe("0 32");
      expect(await ids("A40-8Q")).toBe("0 16 24 40");
      expect(await ids("A40-4Q")).toBe("0 8 12 20 24 32 36 44");
      expect(await ids("A40-1Q")).toBe(
        "0 2 3 5 6 9 11 12 14 15 17 18 20 21 23 24 26 27 29 30 33 35 36 38 39 41 42 44 45 47",
      );
      expect(await typeField(lab, A40, "-s", "A40-8Q", "Placement Size")).toBe("8");
      await createAll(lab, ["A40-12Q"]);
      expect(await typeField(lab, A40, "-c", "A40-8Q", "Creatable Placement IDs")).toBe("16 24 40");
      await removeAll(lab);
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 0`);
    },
  },
  {
    id: "B153",
    title: "the fixed-share scheduler excludes mixed-size mode",
    async check(lab) {
      const fixedShare = () => smi(lab, `vgpu -i ${A40} -shm 1`);
      const { stdout } = await withKnob(lab, "NVreg_RegistryDwords", "RmPVMRL=0x11", fixedShare, "''");
      expect(stdout).toContain("00000000:41:00.0: Not Supported");
      expect(await mode(lab, A40)).toBe("Disabled");
    },
  },
];

/** Placements of an L40S on R580, by type files. Its VFs are enabled and free. */
export const placements: Behaviour[] = [
  {
    id: "B151",
    title: "without a chosen placement a vGPU has the first one that is free",
    async check(lab) {
      const vfs = await virtualFunctions(lab, L40S);
      const placed = async (n: number, id: number) => {
        expect(await setType(lab, vfs[n]!, id)).toBe("");
        return (await lab.run(`cat /sys/bus/pci/devices/${vfs[n]}/nvidia/placement_id`)).trim();
      };
      await lab.run(`nvidia-smi vgpu -i ${L40S} -shm 1`);
      expect([await placed(0, 1153), await placed(1, 1152), await placed(2, 1155)]).toEqual(["0", "16", "24"]);
      await setType(lab, vfs[0]!, 0);
      expect(await placed(0, 1151), "a 6Q in the place of the 12Q").toBe("0");
      for (const vf of vfs.slice(0, 3)) await setType(lab, vf, 0);
      await lab.run(`nvidia-smi vgpu -i ${L40S} -shm 0`);
    },
  },
  {
    id: "B152",
    title: "in equal-size mode types and vGPUs have placement ids, too",
    async check(lab) {
      expect(await mode(lab, L40S)).toBe("Disabled");
      expect(await typeField(lab, L40S, "-s", "L40S-16Q", "Supported Placement IDs")).toBe("0 16 32");
      const vfs = await virtualFunctions(lab, L40S);
      for (const vf of vfs.slice(0, 2)) await setType(lab, vf, 1154);
      expect(await lab.run(`cat /sys/bus/pci/devices/${vfs[1]}/nvidia/placement_id`)).toBe("16\n");
      for (const vf of vfs.slice(0, 2)) await setType(lab, vf, 0);
    },
  },
];
