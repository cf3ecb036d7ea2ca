import type { OrUnknown, Unknown } from "../model/unknown";
import { unknown } from "../model/unknown";

/** The text is no capture that can be read. */
export class CaptureError extends Error {}

/** The probe that printed a capture, where it is a file on the host. */
export interface InstalledProbe {
  version: string;
  /** Of its text; see installedProbe(). */
  digest: string;
}

/**
 * The parsed output of probe.sh: the relevant files, links and command outputs of a host.
 *
 * The first line has the format, its version, the boundary that starts the header line of each section, and version and digest of an
 * installed probe. A section may come in several pieces. `files` (path, tab, line) and `links` (path, tab, target) form one tree; every other section is text.
 */
export class Capture {
  private readonly lines = new Map<string, string[]>();
  private readonly links = new Map<string, string>();
  private readonly sections = new Map<string, string[]>();
  private readonly children = new Map<string, Set<string>>();
  private readonly refusals = new Map<string, string>();
  /** The words of each process' command line that name devices or a guest. */
  readonly commandWords = new Map<number, string[]>();
  /** Whether the search of command lines found its own. */
  readonly foundOwnWords: boolean;
  readonly installedProbe: InstalledProbe | null;

  constructor(text: string) {
    const { boundary, installedProbe, lines } = headerOf(text);
    this.installedProbe = installedProbe;
    for (const { name, body } of sectionsOf(lines, boundary)) {
      if (name === "files") body.filter(Boolean).forEach((line) => this.addFileLine(...split(line)));
      else if (name === "links") body.filter(Boolean).forEach((line) => this.addLink(...split(line)));
      else this.sections.set(name, [...this.section(name), ...body]);
    }
    const words = this.section("words").flatMap((line) => line.split("\t"));
    this.foundOwnWords = words.some((word) => /^\/proc\/self\/cmdline:/.test(word));
    for (const word of words) {
      const [, pid, text] = /^\/proc\/(\d+)\/cmdline:(.*)$/.exec(word) ?? [];
      if (pid) this.commandWords.set(Number(pid), [...(this.commandWords.get(Number(pid)) ?? []), text!]);
    }
    for (const line of this.section("complaints")) {
      const complaint = /^[\w/-]+: (?:(?:line )?\d+: )?(?:cannot open )?'?(\/[^':]*(?::[^': ]+)*)'?: (.+)$/.exec(line);
      // A process that ended while it was read was not refused.
      if (complaint && complaint[2] !== "No such process") this.refusals.set(complaint[1]!, complaint[2]!);
    }
  }

  /** Returns the lines of a section; none if the section is missing. */
  section(name: string): string[] {
    return this.sections.get(name) ?? [];
  }

  exists(path: string): boolean {
    return this.lines.has(path) || this.links.has(path) || this.children.has(path);
  }

  read(path: string): string[] {
    return this.lines.get(path) ?? [];
  }

  /** Returns the first line of a file; null if there is none. */
  value(path: string): string | null {
    return this.lines.get(path)?.[0] ?? null;
  }

  /** Like `value`, but returns unknown for a file that is not readable. */
  readable(path: string): OrUnknown<string | null> {
    return this.value(path) ?? this.refusal((refused) => refused === path) ?? null;
  }

  link(path: string): string | null {
    return this.links.get(path) || null;
  }

  /** Returns the last part of a link's target. */
  linkName(path: string): string | null {
    return this.link(path)?.split("/").pop() ?? null;
  }

  /** Returns the names in a directory. */
  list(path: string): string[] {
    return [...(this.children.get(path) ?? [])];
  }

  /** Returns the files with printed lines. */
  paths(matching: RegExp): string[] {
    return [...this.lines.keys()].filter((path) => matching.test(path));
  }

  /** Returns why a path could not be read; null if no such complaint was printed. */
  refusal(matches: (path: string) => boolean): Unknown | null {
    for (const [path, reason] of this.refusals) if (matches(path)) return unknown(`${path}: ${reason}`);
    return null;
  }

  private addFileLine(path: string, line: string): void {
    const lines = this.lines.get(path);
    if (lines) lines.push(line);
    else this.lines.set(path, [line]), this.addToParent(path);
  }

  private addLink(path: string, target: string): void {
    this.links.set(path, target);
    this.addToParent(path);
  }

  private addToParent(path: string): void {
    const cut = path.lastIndexOf("/");
    if (cut < 0) return;
    const parent = path.slice(0, cut);
    const siblings = this.children.get(parent);
    if (siblings) siblings.add(path.slice(cut + 1));
    else {
      this.children.set(parent, new Set([path.slice(cut + 1)]));
      this.addToParent(parent);
    }
  }
}

function split(line: string): [string, string] {
  const tab = line.indexOf("\t");
  return tab < 0 ? [line, ""] : [line.slice(0, tab), line.slice(tab + 1)];
}

function headerOf(text: string): { boundary: string; installedProbe: InstalledProbe | null; lines: string[] } {
  const [first = "", ...lines] = text.split("\n");
  const [, format, boundary, version, digest] = /^nvidia-vgpu-capture (\d+) (\S+)(?: (\S+) (\S+))?$/.exec(first) ?? [];
  if (!boundary) throw new CaptureError(`Not a capture: it begins with "${first.slice(0, 80)}"`);
  if (format !== "1") throw new CaptureError(`A capture of format ${format}; this version reads format 1`);
  return { boundary, installedProbe: version && digest ? { version, digest } : null, lines };
}

function sectionsOf(lines: readonly string[], boundary: string): { name: string; body: string[] }[] {
  const marker = `--${boundary} `;
  const sections: { name: string; body: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith(marker)) sections.push({ name: line.slice(marker.length), body: [] });
    else sections.at(-1)?.body.push(line);
  }
  // An empty line separates sections, because some outputs do not end with a newline.
  for (const { body } of sections) if (body.at(-1) === "") body.pop();
  if (sections.at(-1)?.name !== "end")
    throw new CaptureError(`The capture breaks off in the section "${sections.at(-1)?.name}"`);
  return sections;
}
