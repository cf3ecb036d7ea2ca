import { HostFacts } from "../model/facts/host-facts";
import { Capture } from "./capture";
import { bootFacts } from "./facts/boot";
import { driverFacts } from "./facts/driver";
import { gpus } from "./facts/gpus";
import { guests } from "./facts/guests";
import { containers, virtualMachines } from "./facts/idle";
import { pendingReboot } from "./facts/pending-reboot";
import { holders, openFiles } from "./facts/processes";
import { restoreFacts } from "./facts/restore";
import { systemFacts } from "./facts/system";
import { userFinder } from "./facts/users";
import { mdevDefinitions, vgpuRecords } from "./facts/vgpu-records";
import { vgpus } from "./facts/vgpus";

/** Parses a capture into facts, typed and checked. The result depends on the capture only. */
export function hostFacts(text: string): HostFacts {
  const capture = new Capture(text);
  const boot = bootFacts(capture);
  const driver = driverFacts(capture, boot);
  const open = openFiles(capture);
  const machines = guests(capture);
  const usersOf = userFinder(capture, open, machines);
  const bareGpus = gpus(capture);
  const facts = HostFacts.parse({
    system: systemFacts(capture),
    boot: { ...boot, pendingReboot: pendingReboot(capture, boot, driver) },
    driver,
    gpus: bareGpus.map((gpu) => ({ ...gpu, functions: gpu.functions.map((fn) => ({ ...fn, users: usersOf(fn) })) })),
    vgpus: vgpus(capture, bareGpus, usersOf),
    records: vgpuRecords(capture),
    restore: restoreFacts(capture, driver.services),
    mdevDefinitions: mdevDefinitions(capture),
    guests: machines,
    virtualMachines: virtualMachines(capture, open),
    containers: containers(capture),
    holders: holders(open),
  } satisfies HostFacts);
  return withoutCapture(facts);
}

/** Returns a copy. V8 keeps the whole text of a capture as long as one part of it is used: 300 KiB in place of 30 for each host. */
const withoutCapture = (facts: HostFacts): HostFacts => JSON.parse(JSON.stringify(facts)) as HostFacts;
