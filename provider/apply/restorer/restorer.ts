import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const hostFolder = join(__dirname, "..", "host");

/** The parts of the library that restore; in the order in which they may use each other's variables. */
const parts = [
  "common",
  "whole-files",
  "in-use",
  "hold",
  "definitions",
  "sriov",
  "mig",
  "vgpu",
  "mdevctl",
  "recreate",
  "gpu-records",
  "restore-records",
  "restore-gpus",
  "restore-modes",
  "restore-vgpus",
  "restore",
];

const head = `#!/bin/sh
# Written by pulumi-nvidia-vgpu. Run by nvidia-vgpu-restore.service at boot; by hand: systemctl restart nvidia-vgpu-restore
# It changes nothing that exists. docs/restore.md of the package describes it.

umask 022
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
cd / || exit
`;

/** The two files of the restorer: the script and its unit. */
interface Restorer {
  script: string;
  unit: string;
  /** Of both files, as the library and the facts have it. */
  digest: string;
}

let restorer: Restorer | undefined;

function build(): Restorer {
  const library = parts.map((name) => readFileSync(join(hostFolder, `${name}.sh`), "utf8"));
  const script = [head, ...library, "restore_all\n"].join("\n");
  const unit = readFileSync(join(__dirname, "nvidia-vgpu-restore.service"), "utf8");
  return { script, unit, digest: [script, unit].map(digestOf).join("-") };
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** Returns the restorer of this version. */
export const thisRestorer = (): Restorer => (restorer ??= build());

/** Returns the digest by which a host with the restorer of this version is recognised. */
export const restorerDigest = (): string => thisRestorer().digest;

/** Returns the functions that print the files, for host/restorer.sh. */
export function restorerFunctions(): string {
  const { script, unit } = thisRestorer();
  return [printing("print_restorer", script), printing("print_restorer_unit", unit)].join("\n");
}

/** No line of the files is the end mark. */
const printing = (name: string, text: string): string =>
  `${name}() {\ncat <<'end of ${name}'\n${text}end of ${name}\n}`;
