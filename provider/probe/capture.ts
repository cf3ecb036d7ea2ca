import type { OrUnknown, Unknown } from "../model/unknown";
import { unknown } from "../model/unknown";

/**
 * What probe.sh printed, opened: a picture of those files, links and outputs of a host that matter to us.
 *
 * The first line names the format, its version and the boundary that begins each section's line. A section may come in several
 * pieces. `files` (path, tab, line) and `links` (path, tab, target) are one tree here; every other section is text.
 */
export class Capture {
  private readonly lines = new Map<string, string[]>();
  private readonly links = new Map<string, string>();
  private readonly sections = new Map<string, string[]>();
  private readonly children = new Map<string, Set<string>>();
  private readonly refusals = new Map<string, string>();
  /** Of the command line of each process the words that name devices or a guest. */
  readonly commandWords = new Map<number, string[]>();
  /** Whether the search of command lines found its own. */
  readonly foundOwnWords: boolean;

  constructor(text: string) {
    for (const { name, body } of sectionsOf(text)) {
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
      // What vanished while it was read was not refused.
      if (complaint && complaint[2] !== "No such process") this.refusals.set(complaint[1]!, complaint[2]!);
    }
  }

  /** The lines of an output; none where there was no such output. */
  section(name: string): string[] {
    return this.sections.get(name) ?? [];
  }

  exists(path: string): boolean {
    return this.lines.has(path) || this.links.has(path) || this.children.has(path);
  }

  read(path: string): string[] {
    return this.lines.get(path) ?? [];
  }

  /** The only line of a small file; null where there is none. */
  value(path: string): string | null {
    return this.lines.get(path)?.[0] ?? null;
  }

  /** As `value`, but a file that may not be read is unknown. */
  readable(path: string): OrUnknown<string | null> {
    return this.value(path) ?? this.refusal((refused) => refused === path) ?? null;
  }

  link(path: string): string | null {
    return this.links.get(path) || null;
  }

  /** What a link points at, without the way there. */
  linkName(path: string): string | null {
    return this.link(path)?.split("/").pop() ?? null;
  }

  /** Names in a directory. */
  list(path: string): string[] {
    return [...(this.children.get(path) ?? [])];
  }

  /** Files of which lines were printed. */
  paths(matching: RegExp): string[] {
    return [...this.lines.keys()].filter((path) => matching.test(path));
  }

  /** Why something could not be read, if it could not. */
  refusal(concerns: (path: string) => boolean): Unknown | null {
    for (const [path, reason] of this.refusals) if (concerns(path)) return unknown(`${path}: ${reason}`);
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

function sectionsOf(text: string): { name: string; body: string[] }[] {
  const [first = "", ...lines] = text.split("\n");
  const [, version, boundary] = /^nvidia-vgpu-capture (\d+) (\S+)$/.exec(first) ?? [];
  if (!boundary) throw new Error(`Not a capture: it begins with "${first.slice(0, 80)}"`);
  if (version !== "1") throw new Error(`A capture of format ${version}; this version reads format 1`);

  const marker = `--${boundary} `;
  const sections: { name: string; body: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith(marker)) sections.push({ name: line.slice(marker.length), body: [] });
    else sections.at(-1)?.body.push(line);
  }
  // Each section begins with an empty line, for outputs that do not end with a newline.
  for (const { body } of sections) if (body.at(-1) === "") body.pop();
  if (sections.at(-1)?.name !== "end")
    throw new Error(`The capture breaks off in the section "${sections.at(-1)?.name}"`);
  return sections;
}
