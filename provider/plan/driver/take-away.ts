import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isUnknown } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { nothing, type Plan } from "../plan";
import { gpuInWords } from "../in-words";
import { typeInWords, vgpuInWords } from "../vgpu/in-words";
import { blockedByUse } from "./in-use";
import { sayFor, together } from "./saying";
import { nvidiaModules, serviceOf } from "./seen";

/**
 * Takes what is loaded out of the kernel, in the only order that works (B99): vGPUs, VFs, services, modules. Records stay with a
 * driver that is changed: who made a vGPU makes it again.
 */
export function takeAway(facts: HostFacts, desire: DriverDesire, because: string): Plan {
  return together(
    blockedByUse(facts, desire),
    vgpusOff(facts, desire, because),
    vfsOff(facts, desire, because),
    unload(facts, desire, because),
  );
}

function vgpusOff({ vgpus }: HostFacts, desire: DriverDesire, because: string): Plan {
  const { todo } = sayFor(desire.key);
  return together(
    ...vgpus.map((vgpu) => {
      const { uuid, function: device, type, gpu } = vgpu;
      const run = uuid === null ? ["clear_type", device, String(vgpu.type.id)] : [desire.state === "absent" ? "remove_mdev" : "suspend_mdev", uuid];
      return todo(`remove ${vgpuInWords(vgpu)}`, because, run, {
        device: uuid ?? device,
        vgpu: { type: typeInWords(type), gpu },
        wipes: true,
      });
    }),
  );
}

function vfsOff({ gpus }: HostFacts, { key }: DriverDesire, because: string): Plan {
  const { todo } = sayFor(key);
  return together(
    ...gpus.filter(hasFunctionsOn).map((gpu) => {
      const { address: device, sriov } = gpu;
      const does = `disable the ${sriov!.enabled} virtual functions of ${gpuInWords(gpu)}`;
      return todo(does, because, ["disable_vfs", device], { device, wipes: true, limitSeconds: 300 });
    }),
  );
}

export const hasFunctionsOn = ({ sriov, driver }: Gpu): boolean => Boolean(sriov?.enabled) && driver !== "vfio-pci";

/** The services of the driver that are active, in the order in which they are stopped. */
const activeServices = (facts: HostFacts): string[] =>
  ["nvidia-vgpu-mgr", "nvidia-vgpud"].filter((name) => serviceOf(facts, name)?.active === "active");

function unload(facts: HostFacts, { key }: DriverDesire, because: string): Plan {
  const { todo, blocked } = sayFor(key);
  const modules = nvidiaModules(facts);
  if (modules.some(({ references }) => isUnknown(references)))
    return blocked("this kernel cannot unload modules", "Uninstall the driver that is there, and reboot.");
  return together(
    ...activeServices(facts).map((name) => todo(`stop ${name}`, because, ["stop_service", name])),
    modules.length
      ? todo("unload the NVIDIA modules", because, ["unload_modules"], { wipes: true, limitSeconds: 120 })
      : nothing(),
  );
}
