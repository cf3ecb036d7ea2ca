import type { NextBoot } from "../../model/facts/boot";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { commandLineWords, compareNaturally, settings } from "../text";
import { grubDirectory } from "./grub";

const directory = "/boot/loader/entries";

/** GRUB with one file an entry, as the RHEL family has it; the files are root's alone. */
export function blsNext(capture: Capture): NextBoot {
  const environment = settings(capture.read(`${grubDirectory(capture)}/grubenv`));
  // Without a saved choice GRUB takes the newest.
  const names = capture
    .list(directory)
    .map((name) => name.replace(/\.conf$/, ""))
    .sort(compareNaturally)
    .reverse();
  const chosen = [environment.next_entry, environment.saved_entry].find((name) => name && names.includes(name)) ?? names[0];
  if (!chosen) {
    const reason = capture.refusal((path) => path.startsWith("/boot/loader")) ?? unknown(`${directory} shows no entries`);
    return { kernel: reason, commandLine: reason };
  }
  const entry = fields(capture.read(`${directory}/${chosen}.conf`));
  const options = (entry.options ?? "").replace(/\$(\w+)/g, (_, name: string) => environment[name] ?? "");
  return {
    kernel: entry.version ?? /vmlinuz-(.+)$/.exec(entry.linux ?? "")?.[1] ?? unknown(`the entry ${chosen} names no kernel`),
    commandLine: commandLineWords(options),
  };
}

function fields(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => /^(\S+)\s+(.*)$/.exec(line)).flatMap((match) => (match ? [[match[1]!, match[2]!]] : [])),
  );
}
