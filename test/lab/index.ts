import { cardList, parseCards } from "./cards/cards";
import { find } from "./host/registry";
import { LabHost, start } from "./host/running-host";
import type { Wanted } from "./host/states";
import { defaultDriver, describe, savedState } from "./host/states";
import { guestImage } from "./image/image";

export { driverPackage } from "./driver/package";
export { injectFault } from "./faults";
export { running } from "./host/registry";
export { LabHost } from "./host/running-host";
export type { SshdCounts } from "./host/sshd-log";
export { sshdCounts, sshdCountsDuring } from "./host/sshd-log";
export { endVm, startVm, whileVmHolds } from "./host/vm";

export interface UpOptions {
  /** @default a name of its own */
  name?: string;
  /** `KEY[:option][@DDDD:BB]`, comma separated. @default "T4,A40" */
  cards?: string;
  /** A host as users have it; one with compiler and kernel headers, too; one with the driver installed. @default "bare" */
  state?: "bare" | "tools" | "ready";
  /** Driver version of a ready host. @default "550.163.02", or a newer one where a card needs it */
  driver?: string;
  /** Off: by the guest's own kernel command line. @default "on" */
  iommu?: "on" | "off";
  /** Pid of the process that the host ends with; 0: it stays until `down`. @default this process */
  owner?: number;
}

const wantedOf = ({ cards = "T4,A40", state = "bare", driver, iommu = "on" }: UpOptions): Wanted => {
  const parsed = parseCards(cards);
  return { cards: parsed, state, driver: driver ?? defaultDriver(parsed), iommu };
};

/**
 * Brings up a lab host and waits until it answers ssh: seconds from a saved state, minutes when image or state have to be
 * made first.
 *
 * @example
 * const lab = await up({ cards: "L40S", state: "ready" });
 * await lab.run("nvidia-smi");
 * await lab.down();
 */
export async function up(options: UpOptions = {}): Promise<LabHost> {
  const wanted = wantedOf(options);
  const image = await guestImage();
  const origin = await savedState(image, wanted);
  return start({
    name: options.name ?? `host-${process.pid}-${Math.random().toString(36).slice(2, 6)}`,
    cards: wanted.cards,
    cardList: cardList(wanted.cards),
    state: describe(wanted),
    image,
    origin,
    owner: options.owner ?? process.pid,
  });
}

/** A host that another process has brought up. */
export function attach(name: string): LabHost {
  const details = find(name);
  if (!details) throw new Error(`no lab host called "${name}" is up; \`npm run lab -- list\` shows those that are`);
  return new LabHost(details, { disk: details.origin, saved: true });
}
