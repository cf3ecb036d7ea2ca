import { expect } from "vitest";
import type { LabHost } from "..";
import type { Behaviour } from "./behaviour";
import {
  availableInstances,
  clearInstances,
  createMdev,
  gpuInstances,
  removeMdev,
  smi,
  uuid,
  virtualFunctions,
  whileOpen,
  withKnob,
} from "./devices";
import { A100 } from "./mig-mode";

export const create = (lab: LabHost, profiles: string, more = "") =>
  smi(lab, `mig -i ${A100} -cgi ${profiles} ${more}`);

/** Returns the column Free/Total of a profile: "7/7". */
async function free(lab: LabHost, profile: number): Promise<string | undefined> {
  const list = await lab.run(`nvidia-smi mig -i ${A100} -lgip`);
  return new RegExp(`^\\|\\s+\\d+\\s+MIG \\S+\\s+${profile}\\s+(\\d+/\\d+)`, "m").exec(list)?.[1];
}

/** Does something with GPU instances of the A100, and removes all of them. */
export const cleared = (check: (lab: LabHost) => Promise<void>) => async (lab: LabHost) => {
  await check(lab);
  await clearInstances(lab, A100);
};

/** GPU instances of an A100 with mdev. Its MIG mode is on and its VFs are enabled; it has no instance when a check starts and when it ends. */
export const migInstances: Behaviour[] = [
  {
    id: "B84",
    title: "-cgi can report success and create nothing",
    check: cleared(async (lab) => {
      await withKnob(lab, "lab_gi_create_nothing", "1", async () => {
        expect(await create(lab, "14", "-C")).toMatchObject({
          code: 0,
          stdout: expect.stringMatching(/^Successfully created GPU instance ID /),
        });
        expect(await gpuInstances(lab, A100)).toEqual({});
      });
    }),
  },
  {
    id: "B85",
    title: "-lgi without instances prints Not Found and ends with 6",
    check: cleared(async (lab) => {
      expect(await smi(lab, `mig -i ${A100} -lgi`)).toEqual({ code: 6, stdout: "No GPU instances found: Not Found\n" });
    }),
  },
  {
    id: "B86",
    title: "-cgi 14,14 gives the ids 5 and 3, and 1g are placed from the end: 13, 11, 12, 7, 8, 9, 10",
    check: cleared(async (lab) => {
      expect((await create(lab, "14,14")).stdout.match(/instance ID\s+\d+/g)).toEqual([
        "instance ID  5",
        "instance ID  3",
      ]);
      expect(await gpuInstances(lab, A100)).toEqual({ 3: "14@0", 5: "14@4" });
      await clearInstances(lab, A100);
      const { stdout } = await create(lab, "19,19,19,19,19,19,19");
      expect([...stdout.matchAll(/instance ID\s+(\d+)/g)].map(([, id]) => id).join()).toBe("13,11,12,7,8,9,10");
      await clearInstances(lab, A100);
      await create(lab, "9,19,14,19");
      expect(await gpuInstances(lab, A100)).toEqual({ 2: "9@4", 7: "19@0", 4: "14@2", 8: "19@1" });
    }),
  },
  {
    id: "B103",
    title: "the first -cgi is refused while a client has the GPU open, and later ones are not",
    check: cleared(async (lab) => {
      await whileOpen(lab, A100, async () => {
        expect(await create(lab, "14")).toEqual({
          code: 19,
          stdout:
            "Unable to create a GPU instance on GPU  2 using profile 14: In use by another client\nFailed to create GPU instances: In use by another client\n",
        });
      });
      await create(lab, "14");
      await whileOpen(lab, A100, async () => expect((await create(lab, "14")).code).toBe(0));
    }),
  },
  {
    id: "B104",
    title: "-cgi 19,19,14,9 creates three instances and fails at the fourth with Insufficient Resources",
    check: cleared(async (lab) => {
      const { code, stdout } = await create(lab, "19,19,14,9");
      expect(code).toBe(23);
      expect(stdout).toMatch(/using profile 9: Insufficient Resources\nFailed to create GPU instances: Insufficient/);
      expect(Object.values(await gpuInstances(lab, A100)).sort()).toEqual(["14@0", "19@4", "19@6"]);
    }),
  },
  {
    id: "B105",
    title: "-cgi repeats the profile as typed, and unknown names, ids and places are Invalid Argument",
    check: cleared(async (lab) => {
      for (const typed of ["2g.99gb", "47", "14:1"])
        expect(await create(lab, typed)).toMatchObject({
          code: 2,
          stdout: expect.stringContaining(`using profile ${typed}: Invalid Argument\nFailed to create`),
        });
      expect((await create(lab, "2g.10gb")).code, "a name").toBe(0);
      expect((await create(lab, "14:2")).code, "a place").toBe(0);
      expect(await gpuInstances(lab, A100)).toEqual({ 4: "14@2", 5: "14@4" });
    }),
  },
  {
    id: "B106",
    title: "a card has one +me instance, in place of one plain 1g instance",
    check: cleared(async (lab) => {
      expect((await create(lab, "20,20")).stdout).toContain("using profile 20: Insufficient Resources");
      expect([await free(lab, 20), await free(lab, 19)]).toEqual(["0/1", "6/7"]);
    }),
  },
  {
    id: "B107",
    title: "the line about the compute instance of a +me instance names the profile without +me",
    check: cleared(async (lab) => {
      expect((await create(lab, "20", "-C")).stdout).toMatch(
        /using profile MIG 1g\.5gb\+me \(ID 20\)\nSuccessfully created compute instance ID {2}0 .* using profile MIG 1g\.5gb \(ID {2}0\)\n/,
      );
    }),
  },
  {
    id: "B108",
    title: "each instance changes the free number of the other profiles",
    check: cleared(async (lab) => {
      const all = async () => [await free(lab, 19), await free(lab, 14), await free(lab, 9), await free(lab, 0)];
      expect(await all()).toEqual(["7/7", "3/3", "2/2", "1/1"]);
      await create(lab, "9");
      expect(await all()).toEqual(["4/7", "2/3", "1/2", "0/1"]);
      await clearInstances(lab, A100);
      await create(lab, "0");
      expect(await all()).toEqual(["0/7", "0/3", "0/2", "0/1"]);
    }),
  },
  {
    id: "B109",
    title: "-dgi right after -dci can be refused as in use, and works a moment later",
    check: cleared(async (lab) => {
      await create(lab, "14", "-C");
      await lab.run(`nvidia-smi mig -i ${A100} -dci`);
      await withKnob(lab, "lab_gi_destroy_busy", "1", async () => {
        expect(await smi(lab, `mig -i ${A100} -gi 5 -dgi`)).toMatchObject({
          code: 19,
          stdout: expect.stringContaining("Failed to destroy GPU instances: In use by another client"),
        });
        expect((await smi(lab, `mig -i ${A100} -gi 5 -dgi`)).stdout).toBe(
          "Successfully destroyed GPU instance ID  5 from GPU  2\n",
        );
      });
    }),
  },
  {
    id: "B110",
    title: "-dgi of an instance with a compute instance is refused",
    check: cleared(async (lab) => {
      await create(lab, "14", "-C");
      expect((await smi(lab, `mig -i ${A100} -dgi`)).stdout).toMatch(/^Unable to destroy GPU instance ID {2}5 from/);
      expect(await lab.run(`nvidia-smi mig -i ${A100} -dci`)).toBe(
        "Successfully destroyed compute instance ID  0 from GPU  2 GPU instance ID  5\n",
      );
      expect((await smi(lab, `mig -i ${A100} -dgi`)).code).toBe(0);
    }),
  },
  {
    id: "B111",
    title: "-dgi and -dci without instances print Not Found and end with 6",
    check: cleared(async (lab) => {
      expect(await smi(lab, `mig -i ${A100} -dgi`)).toEqual({ code: 6, stdout: "No GPU instances found: Not Found\n" });
      expect(await smi(lab, `mig -i ${A100} -dci`)).toEqual({
        code: 6,
        stdout: "No compute instances found: Not Found\n",
      });
    }),
  },
  {
    id: "B112",
    title: "an instance without a compute instance is in -lgi only",
    check: cleared(async (lab) => {
      await create(lab, "14");
      expect(await gpuInstances(lab, A100)).toEqual({ 5: "14@4" });
      expect(await lab.run("nvidia-smi -L")).not.toContain("MIG 2g.10gb");
      expect(await lab.run(`nvidia-smi -q -i ${A100}`)).not.toContain("MIG Device");
      await lab.run(`nvidia-smi mig -i ${A100} -gi 5 -cci`);
      expect(await lab.run("nvidia-smi -L")).toMatch(/^ {2}MIG 2g\.10gb\s+Device {2}0: \(UUID: MIG-/m);
      expect(await lab.run(`nvidia-smi -q -i ${A100}`)).toMatch(
        /MIG Device\n\s+Index\s+: 0\n\s+GPU Instance ID\s+: 5\n/,
      );
    }),
  },
  {
    id: "B115",
    title: "the utilisation of a card with MIG on is N/A",
    check: cleared(async (lab) => {
      expect(await lab.run(`nvidia-smi -q -i ${A100}`)).toMatch(/Utilization\n\s+GPU\s+: N\/A\n/);
      expect(await lab.run(`nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader -i ${A100}`)).toBe("[N/A]\n");
    }),
  },
  {
    id: "B118",
    title: "a vGPU takes the instance with the lowest id",
    check: cleared(async (lab) => {
      await create(lab, "14,14");
      const [vf] = await virtualFunctions(lab, A100);
      expect(await createMdev(lab, vf!, "A100-2-10C", uuid(1))).toBe("");
      expect((await smi(lab, `mig -i ${A100} -gi 3 -dgi`)).code).toBe(19);
      expect((await smi(lab, `mig -i ${A100} -gi 5 -dgi`)).code).toBe(0);
      await removeMdev(lab, uuid(1));
    }),
  },
  {
    id: "B122",
    title: "one MIG-backed mdev does not set other MIG-backed types to 0, and takes the instance of its own",
    check: cleared(async (lab) => {
      await create(lab, "9,14,19");
      const [vf, other] = await virtualFunctions(lab, A100);
      await createMdev(lab, vf!, "A100-2-10C", uuid(1));
      const room = await availableInstances(lab, other!);
      expect([room["A100-3-20C"], room["A100-2-10C"], room["A100-1-5C"], room["A100-4-20C"]]).toEqual([1, 0, 1, 0]);
      await removeMdev(lab, uuid(1));
    }),
  },
  {
    id: "B126",
    title: "a vGPU needs no compute instance",
    check: cleared(async (lab) => {
      await create(lab, "19");
      expect((await smi(lab, `mig -i ${A100} -lci`)).stdout).toBe("No compute instances found: Not Found\n");
      const [vf] = await virtualFunctions(lab, A100);
      expect(await createMdev(lab, vf!, "A100-1-5C", uuid(1))).toBe("");
      await removeMdev(lab, uuid(1));
    }),
  },
  {
    id: "B128",
    title: "while a vGPU exists, -dgi and -mig 0 are refused as in use",
    check: cleared(async (lab) => {
      await create(lab, "0");
      const [vf] = await virtualFunctions(lab, A100);
      await createMdev(lab, vf!, "A100-7-40C", uuid(1));
      expect((await smi(lab, `mig -i ${A100} -dgi`)).stdout).toContain("In use by another client");
      expect((await smi(lab, `-i ${A100} -mig 0`)).stdout).toContain("In use by another client");
      await removeMdev(lab, uuid(1));
      expect((await smi(lab, `mig -i ${A100} -dgi`)).code).toBe(0);
    }),
  },
];
