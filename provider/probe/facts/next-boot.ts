import type { InstalledKernel, NextBoot } from "../../model/facts/boot";
import type { OrUnknown } from "../../model/unknown";
import { isUnknown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { commandLineWords, compareNaturally, settings } from "../text";
import { grubDirectory } from "./boot-loader";
import { kernelOfImage } from "./kernels";

const entriesDirectory = "/boot/loader/entries";

/** Reads GRUB with one file per entry, as in the RHEL family; only root can read the files. */
export function blsNext(capture: Capture): NextBoot {
  const environment = settings(capture.read(`${grubDirectory(capture)}/grubenv`));
  // Without a saved choice GRUB takes the newest.
  const names = capture
    .list(entriesDirectory)
    .map((name) => name.replace(/\.conf$/, ""))
    .sort(compareNaturally)
    .reverse();
  const chosen =
    [environment.next_entry, environment.saved_entry].find((name) => name && names.includes(name)) ?? names[0];
  if (!chosen) {
    const reason =
      capture.refusal((path) => path.startsWith("/boot/loader")) ?? unknown(`${entriesDirectory} shows no entries`);
    return { kernel: reason, commandLine: reason };
  }
  const entry = fields(capture.read(`${entriesDirectory}/${chosen}.conf`));
  const options = (entry.options ?? "").replace(/\$(\w+)/g, (_, name: string) => environment[name] ?? "");
  return { kernel: kernelOfEntry(capture, entry), commandLine: commandLineWords(options) };
}

/**
 * The title and version of an entry are labels: ostree counts its entries, and boom copies them. The path of the image decides, and the
 * version only where it is the name of an installed kernel.
 */
function kernelOfEntry(capture: Capture, { linux, uki, efi, version }: Record<string, string>): OrUnknown<string> {
  const ofImage = kernelOfImage(capture, linux ?? uki ?? efi ?? "");
  return isUnknown(ofImage) && capture.list("/lib/modules").includes(version!) ? version! : ofImage;
}

/** systemd-boot keeps its choice in variables of the firmware, so the next kernel is known only if all entries start the same one. */
export function entriesNext(capture: Capture, configured: OrUnknown<string[]>): NextBoot {
  const files = capture.paths(/^(\/boot|\/efi|\/boot\/efi)\/loader\/entries\/[^/]+\.conf$/);
  const kernels = new Set(files.map((file) => kernelOfEntry(capture, fields(capture.read(file)))));
  const [only] = kernels;
  const otherwise =
    kernels.size > 1
      ? "the default entry of the boot loader was not read"
      : "found no readable boot loader configuration";
  return { kernel: kernels.size === 1 ? only! : unknown(otherwise), commandLine: configured };
}

function fields(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => /^(\S+)\s+(.*)$/.exec(line)).flatMap((match) => (match ? [[match[1]!, match[2]!]] : [])),
  );
}

/** proxmox-boot-tool copies kernels to partitions that are not mounted, so this follows its rules instead of reading its result. */
export function proxmoxNext(capture: Capture, kernels: InstalledKernel[], configured: OrUnknown<string[]>): NextBoot {
  const pinned = ["next-boot-pin", "proxmox-boot-pin"]
    .map((file) => capture.value(`/etc/kernel/${file}`))
    .find(Boolean);
  const newest = kernels.filter((kernel) => kernel.bootable).at(-1)?.version;
  return { kernel: pinned ?? newest ?? unknown("/boot has no kernel"), commandLine: configured };
}

interface MenuEntry {
  title: string;
  id: string;
  /** The `linux` line without its first word. */
  linux?: string;
  /** Only a submenu has them. */
  entries?: MenuEntry[];
}

/** Returns the entry that GRUB will start, from the grub.cfg that update-grub or grub2-mkconfig wrote. */
export function grubNext(capture: Capture): NextBoot {
  const directory = grubDirectory(capture);
  const lines = capture.read(`${directory}/grub.cfg`);
  if (!lines.length) {
    const reason =
      capture.refusal((path) => path.endsWith("/grub.cfg")) ?? unknown(`there is no ${directory}/grub.cfg`);
    return { kernel: reason, commandLine: reason };
  }
  const wanted = defaultEntry(lines, settings(capture.read(`${directory}/grubenv`)));
  const entry = findEntry(menu(lines), wanted);
  if (!entry?.linux) {
    const reason = unknown(`${directory}/grub.cfg has no entry "${wanted}"`);
    return { kernel: reason, commandLine: reason };
  }
  const [image, ...words] = commandLineWords(entry.linux);
  return { kernel: kernelOfImage(capture, image!), commandLine: words };
}

/** `next_entry` is for one boot and has priority; `set default` may refer to `saved_entry`. */
function defaultEntry(lines: string[], environment: Record<string, string>): string {
  if (environment.next_entry) return environment.next_entry;
  const defaults = lines.flatMap((line) => /^\s*set default="(.*)"/.exec(line)?.[1] ?? []);
  const wanted = defaults.filter((value) => value !== "${next_entry}").at(-1) ?? "0";
  return wanted === "${saved_entry}" ? environment.saved_entry || "0" : wanted;
}

/** Parses the menu. Entries of a submenu are indented; an entry without indentation ends it. */
function menu(lines: string[]): MenuEntry[] {
  const top: MenuEntry[] = [];
  let open: MenuEntry | undefined;
  for (const line of lines) {
    const heading = /^(\s*)(menuentry|submenu) ['"](.*?)['"]/.exec(line);
    if (heading) {
      const [, indent, kind, title] = heading;
      open = { title: title!, id: /\$menuentry_id_option ['"](.*?)['"]/.exec(line)?.[1] ?? "" };
      if (kind === "submenu") open.entries = [];
      (indent ? (top.at(-1)?.entries ?? top) : top).push(open);
    }
    const linux = /^\s*linux(?:16|efi)?\s+(.+)$/.exec(line)?.[1];
    if (linux && open && !open.linux) open.linux = linux;
  }
  return top;
}

/** Finds an entry by number, id or title; `1>2` goes through a submenu. A submenu alone means its first entry. */
function findEntry(entries: MenuEntry[], wanted: string): MenuEntry | undefined {
  const [first, ...rest] = wanted.split(">");
  const entry = /^\d+$/.test(first!)
    ? entries[Number(first)]
    : entries.find(({ id, title }) => id === first || title === first);
  return entry?.entries ? findEntry(entry.entries, rest.join(">") || "0") : entry;
}
