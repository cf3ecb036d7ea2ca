import type { Plan, Step } from "../../provider/plan";
import { emptyPlan, step } from "../../provider/plan";
import type { HostPreview, PlannedHost } from "../../provider/preview/host-preview";

let machines = 0;

/** A host that was planned. Each is a different machine, unless an identity is given. */
export const planned = (
  host: string,
  plan: Partial<Plan> = {},
  identity: Partial<PlannedHost["identity"]> = {},
): HostPreview => ({
  host,
  status: "reachable",
  plan: { ...emptyPlan(), ...plan },
  identity: { productUuid: `product-${++machines}`, machineId: `machine-${machines}`, ...identity },
});

export const todo = (title: string, reason: string, command: string[], more: Partial<Step> = {}): Step =>
  step({ title, reason, command, requestedBy: ["it"], ...more });

/** A UUID with a number. */
export const uuid = (number: number): string => `${String(number).padStart(8, "0")}-1111-4222-8333-444444444444`;

const bus = (gpu: string) => gpu.slice(0, -"00.0".length);

/** vGPUs of one type on the first virtual functions of a GPU. */
export const creations = (type: string, count: number, gpu: string, first = 1): Step[] =>
  Array.from({ length: count }, (_, i) => {
    const at = `${bus(gpu)}00.${4 + i}`;
    const run = ["create_mdev", at, "563", uuid(first + i), "acme/prod#1"];
    return todo(`create ${type} ${uuid(first + i)} on ${at}`, "missing", run, {
      device: uuid(first + i),
      vgpu: { type, gpu },
    });
  });

export const adoptions = (type: string, count: number, gpu: string): Step[] =>
  Array.from({ length: count }, (_, i) => {
    const at = `${bus(gpu)}00.${4 + i}`;
    const because = "it matches, and has no record";
    return todo(`adopt the ${type} ${uuid(i)} on ${at}`, because, ["adopt_vgpu", uuid(i), at], {
      device: uuid(i),
      vgpu: { type, gpu },
    });
  });

export const removal = (type: string, number: number, gpu: string): Step => {
  const at = `${bus(gpu)}00.${4 + number}`;
  return todo(`remove the ${type} ${uuid(number)} on ${at}`, "no longer declared", ["remove_mdev", uuid(number)], {
    device: uuid(number),
    vgpu: { type, gpu },
  });
};

export const functionsOn = (gpu: string): Step =>
  todo(`enable the 32 virtual functions of ${gpu} (NVIDIA L40S)`, "VFs are off (0 of 32)", ["enable_vfs", gpu, "32"], {
    device: gpu,
    destructive: true,
  });

/** The steps that install the driver on a bare host. */
export const installation = (reboot: "whenIdle" | "never" = "whenIdle"): Step[] => {
  const none = "no NVIDIA driver is installed";
  const installed = "vGPU Manager 580.105.06 was installed";
  return [
    todo("check the package", none, ["check_package", "/x.run"]),
    todo("install gcc make", "missing: a C compiler and make", ["install_packages", "gcc", "make"]),
    todo("install vGPU Manager 580.105.06", none, ["run_installer", "/x.run"]),
    todo("record that the host has to be rebooted", installed, ["mark_reboot", installed]),
    reboot === "never"
      ? todo("reboot the host manually", installed, ["reboot_by_hand", installed], {
          requiresReboot: true,
        })
      : todo("reboot the host while nothing runs on it", installed, ["reboot_when_idle", installed], {
          requiresReboot: true,
        }),
  ];
};

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** `gpu07.rack2.example` */
export const inRack = (number: number): string => `gpu${String(number).padStart(2, "0")}.rack2.example`;
