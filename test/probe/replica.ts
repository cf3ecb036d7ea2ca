import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, posix } from "node:path";
import { probeScript } from "../../provider/probe";

/** Tools of this machine that the probe requires; each records in the replica that it ran. */
const basics = ["cat", "find", "grep", "od", "sed", "timeout", "tr"];

/** Programs with a section for their output. */
const sectionOf: Record<string, string> = {
  df: "disk",
  systemctl: "services",
  journalctl: "vgpud-journal",
  modinfo: "modinfo",
  rpm: "packages",
  "dpkg-query": "packages",
};

/** What nvidia-smi is asked, and the section with its answer. */
const nvidiaSmiSections: Record<string, string> = {
  "-q": "nvidia-smi",
  "mig -lgip": "mig-profiles",
  "mig -lgipp": "mig-placements",
  "mig -lgi": "mig-instances",
  "vgpu -s -v": "vgpu-types",
  "vgpu -c -v": "vgpu-creatable",
};

const secureBootVariable = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

/** The lines of a section. */
type Lines = (section: string) => string[];

export interface ReplicaOptions {
  /** Additional tools of this machine. */
  tools?: readonly string[];
  /** Whether each program records that it ran, which starts it twice. Default: true. */
  noting?: boolean;
}

/**
 * A root directory that reproduces the host of a capture, for running the probe in it: with the same files, links and program
 * outputs.
 */
export class Replica {
  readonly root = mkdtempSync(join(memory, "replica-"));
  private readonly directories = new Set<string>();
  private readonly noting: boolean;

  constructor(capture: string, { tools = [], noting = true }: ReplicaOptions = {}) {
    this.noting = noting;
    const sections = sectionsOf(capture);
    const lines: Lines = (section) => sections.get(section) ?? [];
    this.layLinks(pairs(lines("links")));
    for (const [path, content] of fileContents(pairs(lines("files")))) this.write(path, content);
    for (const [path, time] of pairs(lines("times"))) this.touch(path, Number(time));
    this.addUnprinted(lines);
    this.addTools(lines, [...basics, ...tools]);
  }

  /** Runs the probe; returns its output and the programs that it ran. */
  probe(boundary: string): { capture: string; ran: string[] } {
    const enter = `mount --rbind / '${this.root}/host' && exec chroot '${this.root}' /bin/sh -s ${boundary}`;
    const { status, stdout, stderr } = spawnSync("unshare", [...namespaces, "sh", "-c", enter], {
      input: probeScript(),
      env: { PATH: process.env.PATH },
      encoding: "utf8",
      maxBuffer: 64 << 20,
    });
    if (status !== 0 || stderr) throw new Error(`The probe ended with ${status}: ${stderr}`);
    return { capture: stdout, ran: readFileSync(this.at("/ran"), "utf8").trim().split("\n") };
  }

  /** Writes a file, at a path of the host. */
  write(path: string, content: string | Buffer): void {
    this.makeDirectory(dirname(path));
    writeFileSync(this.at(path), content);
  }

  remove(): void {
    // Fails if this machine is still mounted here, so that nothing of it is removed.
    rmdirSync(this.at("/host"));
    rmSync(this.root, { recursive: true });
  }

  private layLinks(links: [string, string][]): void {
    const parents = new Set(links.map(([path]) => dirname(path)));
    for (const [path, target] of links.sort(([a], [b]) => a.length - b.length)) {
      this.makeDirectory(dirname(path));
      const isDirectory = parents.has(path) || /\/(mdev_supported_types|nvidia|efi)$/.test(path);
      if (isDirectory) this.makeDirectory(target ? posix.resolve(dirname(path), target) : path);
      if (target) symlinkSync(target, this.at(path));
      else if (!isDirectory) this.write(path, "");
    }
  }

  /** Adds files that the probe reads without printing them, or prints in another form. */
  private addUnprinted(lines: Lines): void {
    const virtual = pairs(lines("links")).flatMap(([path]) => (path.endsWith("/physfn") ? [dirname(path)] : []));
    for (const path of virtual) {
      this.write(`${path}/vendor`, "0x10de\n");
      this.write(`${path}/class`, "0x030200\n");
    }
    for (const line of lines("files")) {
      const [, directory, module] = /^(\/lib\/modules\/[^/]+)\/modules\.dep\t([^:]+)/.exec(line) ?? [];
      if (module) this.write(`${directory}/${module}`, "");
    }
    const words = lines("words")
      .flatMap((line) => line.split("\t"))
      .filter(Boolean);
    const byProcess = fileContents(
      words.map((word) => [word.slice(0, word.indexOf(":")), word.slice(word.indexOf(":") + 1)]),
    );
    for (const [path, content] of byProcess) this.write(path, `qemu\0${content.replaceAll("\n", "\0")}`);
    this.write(
      "/usr/share/misc/pci.ids",
      text(["10de  NVIDIA Corporation", ...lines("pci-ids"), "10df  Emulex Corporation"]),
    );
    const bytes = lines("secure-boot").join(" ").trim().split(/\s+/).map(Number);
    if (bytes.length === 5) this.write(secureBootVariable, Buffer.from(bytes));
  }

  private addTools(lines: Lines, borrowed: readonly string[]): void {
    for (const directory of ["/host", "/bin", "/lib", "/usr/bin"]) this.makeDirectory(directory);
    symlinkSync("/host/bin/sh", this.at("/bin/sh"));
    symlinkSync("/host/dev", this.at("/dev"));
    // The dynamic loader needs these folders; /lib/modules is the replica's own.
    symlinkSync("/host/lib64", this.at("/lib64"));
    const libraries = readdirSync("/lib").filter((name) => name !== "modules");
    for (const name of libraries) symlinkSync(`/host/lib/${name}`, this.at(`/lib/${name}`));

    for (const tool of borrowed) this.borrow(`/usr/bin/${tool}`);
    const packager = lines("tools").some((path) => path.endsWith("/rpm")) ? "rpm" : "dpkg-query";
    for (const path of [...lines("tools"), "/usr/bin/df", "/usr/sbin/modinfo", `/usr/bin/${packager}`]) {
      if (borrowed.includes(basename(path))) continue;
      if (basename(path) === "nvidia-smi") {
        this.addNvidiaSmi(path, lines);
        continue;
      }
      const section = sectionOf[basename(path)];
      if (section) this.write(`/output/${section}`, text(lines(section)));
      this.addTool(path, section ? `/host/bin/cat /output/${section}` : "false");
    }
    if (packager === "rpm") this.addRpm(lines);
  }

  /** rpm lists packages, and with -qf names the packages of kernels. */
  private addRpm(lines: Lines): void {
    this.write("/output/kernel-packages", text(lines("kernel-packages")));
    this.addTool("/usr/bin/rpm", '/host/bin/cat "/output/$([ "$1" = -qf ] && echo kernel-packages || echo packages)"');
  }

  private addNvidiaSmi(path: string, lines: Lines): void {
    for (const section of Object.values(nvidiaSmiSections)) this.write(`/output/${section}`, text(lines(section)));
    const cases = Object.entries(nvidiaSmiSections).map(([words, section]) => `"${words}") section=${section} ;;`);
    this.addTool(path, "/host/bin/cat /output/$section", `case "$*" in ${cases.join(" ")} esac\n`);
  }

  private borrow(path: string): void {
    if (this.noting) return this.addTool(path, `/host${path} "$@"`);
    this.makeDirectory(dirname(path));
    symlinkSync(`/host${path}`, this.at(path));
  }

  private addTool(path: string, command: string, before = ""): void {
    const note = this.noting ? `echo ${basename(path)} >> /ran\n` : "";
    this.write(path, `#!/bin/sh\n${note}${before}exec ${command}\n`);
    chmodSync(this.at(path), 0o755);
  }

  private makeDirectory(path: string): void {
    if (this.directories.has(path)) return;
    mkdirSync(this.at(path), { recursive: true });
    this.directories.add(path);
  }

  private touch(path: string, time: number): void {
    if (!lstatSync(this.at(path), { throwIfNoEntry: false })) this.write(path, "");
    utimesSync(this.at(path), time, time);
  }

  private readonly at = (path: string) => join(this.root, path);
}

/** A replica has thousands of files, which take seconds on a disk. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Root may mount in its own namespace; other users need a user namespace, which not every system allows. */
const namespaces = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];

export const canReplicate = spawnSync("unshare", [...namespaces, "true"]).status === 0;

export function sectionsOf(capture: string): Map<string, string[]> {
  const boundary = /^nvidia-vgpu-capture 1 (\S+)/.exec(capture)![1]!;
  const sections = capture
    .split(`\n--${boundary} `)
    .slice(1)
    .map((text) => text.split("\n"));
  const all = new Map<string, string[]>();
  for (const [name, ...body] of sections)
    all.set(name!, [...(all.get(name!) ?? []), ...(body.at(-1) === "" ? body.slice(0, -1) : body)]);
  return all;
}

/** Parses lines of "path<TAB>rest". */
function pairs(lines: string[]): [string, string][] {
  return lines.map((line) => [line.slice(0, line.indexOf("\t")), line.slice(line.indexOf("\t") + 1)]);
}

function fileContents(entries: [string, string][]): Map<string, string> {
  const files = new Map<string, string>();
  for (const [path, line] of entries) files.set(path, `${files.get(path) ?? ""}${line}\n`);
  return files;
}

const text = (lines: string[]) => lines.map((line) => `${line}\n`).join("");
