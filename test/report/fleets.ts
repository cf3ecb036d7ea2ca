import type { HostPreview } from "../../provider/preview/host-preview";
import {
  adoptions,
  creations,
  functionsOn,
  inRack,
  installation,
  planned,
  range,
  removal,
  todo,
  uuid,
} from "./fixtures";

const held = (pid: number, at: string) => ({
  reason: `the L40S-12Q on ${at} is used by the guest cad-01 (running, pid ${pid})`,
  hint: "Shut the guest down and take the device out of its definition",
  device: at,
  requestedBy: ["card"],
});

const bare = (number: number): HostPreview => {
  const [a, b] = number % 2 ? ["0000:41:00.0", "0000:c1:00.0"] : ["0000:82:00.0", "0000:c1:00.0"];
  const steps = [
    ...installation(),
    functionsOn(a),
    functionsOn(b),
    ...creations("L40S-12Q", 4, a, number * 10),
    ...creations("L40S-12Q", 4, b, number * 10 + 5),
  ];
  return planned(inRack(number), { steps });
};

/** Fleets by the name of the files with the expected reports. */
export const fleets: Record<string, { title: string; previews: HostPreview[] }> = {
  "forty-hosts": {
    title: "hosts with the same plan are one group, and blocked hosts are named with what to do",
    previews: [
      ...range(1, 40)
        .filter((number) => number !== 17 && number !== 23)
        .map(bare)
        .reverse(),
      planned(inRack(17), { blockers: [held(4410, "0000:41:00.4")] }),
      { host: inRack(23), status: "maintenance", reason: "DIMM, ticket 4711" },
    ],
  },
  "in-sync": {
    title: "a fleet in sync takes one line",
    previews: range(1, 3).map((number) => planned(inRack(number))),
  },
  "adopted-only": {
    title: "adoptions do not count as changes",
    previews: [
      ...range(1, 2).map((number) => planned(inRack(number), { steps: adoptions("A40-8Q", 3, "0000:41:00.0") })),
      planned("t4.example", { steps: adoptions("T4-4Q", 1, "0000:3b:00.0") }),
    ],
  },
  "all-kinds": {
    title: "blocked, unreachable, pending, skipped and duplicate hosts each have a section",
    previews: [
      planned("a.example", {
        steps: [removal("A40-8Q", 1, "0000:41:00.0"), ...creations("A40-24Q", 1, "0000:41:00.0")],
      }),
      planned("b.example", { steps: installation("never") }),
      planned("c1.example", { blockers: [held(100, "0000:41:00.4")], steps: [functionsOn("0000:c1:00.0")] }),
      planned("c2.example", { blockers: [held(200, "0000:41:00.4")], steps: [functionsOn("0000:c1:00.0")] }),
      {
        host: "d.example",
        status: "unreachable",
        reason: "Could not log in on ops@d.example: the password is refused. Correct it.",
      },
      { host: "e.example", status: "pending", waitingFor: "connection" },
      { host: "f.example", status: "maintenance", reason: "fan" },
      planned("g.example", {
        notes: [
          {
            message: "0000:41:00.0 (NVIDIA A40) has a vGPU without a record: the A40-4Q on 0000:41:00.7; it stays",
            requestedBy: ["card"],
          },
        ],
      }),
      planned("h.example", {}, { productUuid: "p-1", machineId: "m-1" }),
      planned("i.example", {}, { productUuid: "p-1", machineId: "m-1" }),
    ],
  },
  drifted: {
    title: "drift is listed as sentences, without the reboot that follows an installation",
    previews: [
      planned("a.example", {
        steps: [...installation(), functionsOn("0000:41:00.0"), ...creations("A40-8Q", 2, "0000:41:00.0")],
      }),
      planned("b.example", {
        steps: [
          todo("start nvidia-vgpu-mgr", "nvidia-vgpu-mgr is inactive, dead", ["start_service", "nvidia-vgpu-mgr"]),
          todo(
            `create A40-8Q ${uuid(1)} on 0000:41:00.5`,
            `the A40-8Q ${uuid(1)} on 0000:41:00.5 is gone`,
            ["create_mdev", "0000:41:00.5"],
            {
              device: uuid(1),
              vgpu: { type: "A40-8Q", gpu: "0000:41:00.0" },
            },
          ),
          todo(
            `set the parameters of the A40-8Q`,
            'nothing is set instead of "frame_rate_limiter=0"',
            ["set_parameters", uuid(2)],
            { device: uuid(2) },
          ),
          removal("A40-8Q", 3, "0000:41:00.0"),
          todo("reboot the host while nothing runs on it", "nouveau is loaded", ["reboot_when_idle", "x"], {
            requiresReboot: true,
          }),
        ],
      }),
      planned("c.example", { blockers: [held(4410, "0000:41:00.4")] }),
    ],
  },
};
