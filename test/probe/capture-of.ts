import { Capture } from "../../provider/probe";

interface Parts {
  /** Path to lines. */
  files?: Record<string, string[]>;
  /** Path to target; "" for what is only there. */
  links?: Record<string, string>;
  /** Whether it shows that the searches of processes and definitions found what is their own. Default: true. */
  found?: boolean;
  /** Any other section by name. */
  [section: string]: string[] | Record<string, string[]> | Record<string, string> | boolean | undefined;
}

/** Returns the text of a capture with only the given parts. */
export function captureText({ files = {}, links = {}, found = true, ...sections }: Parts): string {
  const lines = (section: string, body: string[]) => ["", `--b ${section}`, ...body];
  return [
    "nvidia-vgpu-capture 1 b",
    ...(found ? ownFound.map(([section, line]) => lines(section!, [line!])) : []).flat(),
    ...lines(
      "files",
      Object.entries(files).flatMap(([path, content]) => content.map((line) => `${path}\t${line}`)),
    ),
    ...lines(
      "links",
      Object.entries(links).map(([path, target]) => `${path}\t${target}`),
    ),
    ...Object.entries(sections).flatMap(([section, body]) => lines(section, body as string[])),
    ...lines("end", []),
    "",
  ].join("\n");
}

/** The traces of the probe itself and of the first process. */
const ownFound = [
  ["files", "/proc/sys/kernel/ostype\tLinux"],
  ["links", "/proc/1/cwd\t"],
  ["links", "/proc/self/fd/4\t/proc/sys/kernel/osrelease"],
  ["words", "/proc/self/cmdline:nvidia-vgpu-own-look\t"],
];

export const captureOf = (parts: Parts): Capture => new Capture(captureText(parts));

/** Files of a capture that root took. */
export const byRoot = { "/proc/self/status": ["Uid:\t0\t0\t0\t0"] };
