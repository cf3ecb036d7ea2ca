import { exceptContainers, isExcepted } from "../../model/desired/reboot-policy";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Container, Process } from "../../model/facts/users";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { enumerate, formatProcess } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";

/** A reboot, by the policy that the user chose. The host's own function looks once more that nothing runs there. */
export function reboot({ key, arguments: { reboot: policy } }: DriverGoal, reasons: readonly string[]): Plan {
  const reason = enumerate(reasons);
  const { todo } = planBuilder(key);
  const except = exceptContainers(policy);
  const more = { requiresReboot: true, limitSeconds: 180 };
  return except
    ? todo("reboot the host while nothing runs on it", reason, ["reboot_when_idle", reason, ...except], more)
    : todo("reboot the host manually", reason, ["reboot_by_hand", reason], more);
}

/** What runs keeps a host from being rebooted, which is said before anything is done to it. */
export function rebootBlockers(facts: HostFacts, { key, arguments: { reboot: policy } }: DriverGoal): Plan {
  const except = exceptContainers(policy);
  if (!except) return emptyPlan();
  const { blocked } = planBuilder(key);
  const hint = "Shut it down or migrate it first: a host is rebooted only while nothing runs on it.";
  return mergePlans(
    ...runningWork(facts, except).map((who) => blocked(`${who} runs, and the host has to be rebooted`, hint)),
    ...unknownReasons(facts).map((why) =>
      blocked(`could not determine what runs on the host, and it has to be rebooted: ${why}`, readabilityHint),
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

/** One reason will do. */
const unknownReasons = ({ virtualMachines, containers }: HostFacts): string[] =>
  [virtualMachines, containers].flatMap((fact) => (isKnown(fact) ? [] : [fact.unknown])).slice(0, 1);

const formatMachine = (process: Process) =>
  process.guest ? `the guest ${process.guest} (pid ${process.pid})` : formatProcess(process);

/** By the name that the operator gave it, where it has one. */
const formatContainer = (one: Container) => formatProcess({ ...one, container: one.container && one.names[0]! });

/** Was the host rebooted for this reason already, and it is still so? Then one more reboot will not help. */
export const wasRebootedFor = ({ boot, system }: HostFacts, reason: string): boolean =>
  boot.rebootedFor !== undefined &&
  boot.rebootedFor.bootId !== system.identity.bootId &&
  boot.rebootedFor.reasons.some((noted) => noted.includes(reason));

const rebootRecord = "/etc/nvidia-vgpu/rebooted-for";

/** A kernel that was started without the words that its configuration has. */
export function missingWordsBlocker(facts: HostFacts, { key }: DriverGoal, words: readonly string[]): Plan {
  const missing = words.filter((word) => !facts.boot.commandLine.includes(word)).join(" ");
  return planBuilder(key).blocked(
    `the host was rebooted, but the kernel was started without ${missing}: another boot loader boots this host (likely: ${likelyLoader(facts)})`,
    `Add ${missing} to the kernel command line in the boot loader that boots this host, and reboot it; or remove ${rebootRecord} on the host to allow one more reboot.`,
  );
}

/** By what a boot loader leaves on the command line. */
function likelyLoader({ boot: { commandLine } }: HostFacts): string {
  const has = (pattern: RegExp) => commandLine.some((word) => pattern.test(word));
  if (has(/^(BOOTIF|ip|netroot|root=\/dev\/nfs|nfsroot|fetch|iso-url)(=|$)/)) return "the network, PXE or iPXE";
  if (has(/^initrd=(\\\\|\\)?EFI/i)) return "systemd-boot, or an EFI stub";
  if (has(/^BOOT_IMAGE=/)) return "another entry of GRUB's menu, or another grub.cfg than the one that was changed";
  return "systemd-boot, an EFI stub, the network, or kexec";
}

/** Reasons that a reboot did away with in no way, each with what to look at. */
export function earlierRebootBlockers(facts: HostFacts, { key }: DriverGoal, reasons: readonly string[]): Plan {
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
