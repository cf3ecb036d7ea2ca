import { PciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { isKnown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { services } from "./driver";
import { isRoot } from "./processes";

/** Returns why nvidia-vgpud refuses a GPU, in its own words. This is final: retries do not help (B19). */
export function refusals(capture: Capture): (gpu: PciAddress) => OrUnknown<string | null> {
  const words = refusalsInJournal(capture.section("vgpud-journal"));
  const otherwise = words.size ? null : silenceReason(capture);
  return (gpu) => words.get(gpu) ?? otherwise;
}

/** Returns null if an empty journal means no refusal: it is readable, and the daemon did not fail without a reason. */
function silenceReason(capture: Capture): OrUnknown<null> {
  const units = services(capture);
  const vgpud = isKnown(units) ? units.find(({ name }) => name === "nvidia-vgpud.service") : undefined;
  if (!vgpud?.present) return null;
  if (vgpud.exitStatus === 6)
    return unknown("nvidia-vgpud failed with status 6 (NOTCONFIGURED), and its journal gives no reason");
  return capture.section("vgpud-journal").length || isRoot(capture)
    ? null
    : unknown("nvidia-vgpud's journal is not readable");
}

function refusalsInJournal(journal: string[]): Map<PciAddress, string> {
  const refused = new Map<PciAddress, string>();
  for (const line of journal) {
    // Each run of the daemon begins with the number of its types.
    if (/^vGPU types: \d/.test(line)) refused.clear();
    // `0:82:0:0`, hexadecimal without leading zeros, a colon even before the function.
    const written = /not supported by vGPU at PCI Id: ([0-9a-f]+):([0-9a-f]+):([0-9a-f]+):([0-7])\b/i.exec(line);
    if (!written) continue;
    const [, domain, bus, slot, fn] = written;
    const address = PciAddress.safeParse(
      `${domain!.padStart(4, "0")}:${bus!.padStart(2, "0")}:${slot!.padStart(2, "0")}.${fn}`,
    ).data;
    if (address) refused.set(address, line.trim());
  }
  return refused;
}
