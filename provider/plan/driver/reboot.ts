import type { RebootPolicy } from "../../model/desired/reboot-policy";
import { exceptContainers, isExcepted } from "../../model/desired/reboot-policy";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Container, Process } from "../../model/facts/users";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { enumerate, formatProcess } from "../format";
import type { Plan } from "../plan";

/** A goal that may require a reboot. */
interface RebootingGoal {
  key: string;
  arguments: { reboot: RebootPolicy };
}

/** Plans a reboot by the user's policy. The step checks again on the host that nothing runs there. */
export function reboot({ key, arguments: { reboot: policy } }: RebootingGoal, reasons: readonly string[]): Plan {
  const reason = enumerate(reasons);
  const { todo } = planBuilder(key);
  const except = exceptContainers(policy);
  const options = { requiresReboot: true, limitSeconds: 180 };
  return except
    ? todo("reboot the host while nothing runs on it", reason, ["reboot_when_idle", reason, ...except], options)
    : todo("reboot the host manually", reason, ["reboot_by_hand", reason], options);
}

/** Returns what blocks a reboot, so that it is reported before anything is changed. */
export function rebootBlockers(facts: HostFacts, { key, arguments: { reboot: policy } }: RebootingGoal): Plan {
  const except = exceptContainers(policy);
  if (!except) return emptyPlan();
  const { blocked } = planBuilder(key);
  const hint = "Shut it down or migrate it first: a host is rebooted only while nothing runs on it.";
  return mergePlans(
    ...runningWork(facts, except).map((user) => blocked(`${user} runs, and the host has to be rebooted`, hint)),
    ...unknownReasons(facts).map((reason) =>
      blocked(`could not determine what runs on the host, and it has to be rebooted: ${reason}`, readabilityHint),
    ),
  );
}

const readabilityHint =
  'Log in as root, or with sudo, with access to all of /proc; or set reboot to "never" and reboot the host yourself.';

function runningWork({ virtualMachines, containers }: HostFacts, except: readonly string[]): string[] {
  return [
    ...(isKnown(virtualMachines) ? virtualMachines.map(formatMachine) : []),
    ...(isKnown(containers) ? containers.filter(({ names }) => !isExcepted(names, except)).map(formatContainer) : []),
  ];
}

/** Returns at most one reason. */
const unknownReasons = ({ virtualMachines, containers }: HostFacts): string[] =>
  [virtualMachines, containers].flatMap((fact) => (isKnown(fact) ? [] : [fact.unknown])).slice(0, 1);

const formatMachine = (process: Process) =>
  process.guest ? `the guest ${process.guest} (pid ${process.pid})` : formatProcess(process);

/** Uses the name that the operator gave to the container, if it has one. */
const formatContainer = (one: Container) => formatProcess({ ...one, container: one.container && one.names[0]! });

/** Returns whether the host was already rebooted for this reason. Then another reboot will not help. */
export const wasRebootedFor = ({ boot, system }: HostFacts, reason: string): boolean =>
  boot.rebootedFor !== undefined &&
  boot.rebootedFor.bootId !== system.identity.bootId &&
  boot.rebootedFor.reasons.some((recorded) => recorded.includes(reason));

const rebootRecord = "/etc/nvidia-vgpu/rebooted-for";

/** Returns a blocker for a kernel that was started without the words of its configuration. */
export function missingWordsBlocker(facts: HostFacts, { key }: RebootingGoal, words: readonly string[]): Plan {
  const missing = words.filter((word) => !facts.boot.commandLine.includes(word)).join(" ");
  return planBuilder(key).blocked(
    `the host was rebooted, but the kernel was started without ${missing}: another boot loader boots this host (likely: ${likelyLoader(facts)})`,
    `Add ${missing} to the kernel command line in the boot loader that boots this host, and reboot it; or remove ${rebootRecord} on the host to allow one more reboot.`,
  );
}

/** Guesses the boot loader from its traces on the command line. */
function likelyLoader({ boot: { commandLine } }: HostFacts): string {
  const has = (pattern: RegExp) => commandLine.some((word) => pattern.test(word));
  if (has(/^(BOOTIF|ip|netroot|root=\/dev\/nfs|nfsroot|fetch|iso-url)(=|$)/)) return "the network, PXE or iPXE";
  if (has(/^initrd=(\\\\|\\)?EFI/i)) return "systemd-boot, or an EFI stub";
  if (has(/^BOOT_IMAGE=/)) return "another entry of GRUB's menu, or another grub.cfg than the one that was changed";
  return "systemd-boot, an EFI stub, the network, or kexec";
}

/** Returns a blocker for each reason that remained after a reboot. */
export function earlierRebootBlockers(facts: HostFacts, { key }: RebootingGoal, reasons: readonly string[]): Plan {
  const still = reasons.filter((reason) => wasRebootedFor(facts, reason));
  if (!still.length) return emptyPlan();
  return mergePlans(
    ...still.map((reason) =>
      planBuilder(key).blocked(
        `the host was already rebooted for this reason: ${reason}`,
        `Check the initramfs and what loads the modules at boot; or remove ${rebootRecord} on the host to allow one more reboot.`,
      ),
    ),
  );
}
