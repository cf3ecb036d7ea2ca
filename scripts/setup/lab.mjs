import { existsSync } from "node:fs";
import { folderOf, run, searchPath } from "./programs.mjs";
import { SetupError, say } from "./report.mjs";

// What building and running lab hosts calls or reads, and the Debian package that has it.
const programs = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  mmdebstrap: "mmdebstrap",
  "mkfs.ext4": "e2fsprogs",
  "dpkg-scanpackages": "dpkg-dev",
  gcc: "gcc",
  make: "make",
  openssl: "openssl",
  ssh: "openssh-client",
  sshd: "openssh-server", // the tests of the ssh transport have a real server
  shellcheck: "shellcheck", // a test runs it over all shell scripts
};
const files = {
  "/usr/lib/grub/i386-pc/boot.img": "grub-pc-bin",
  "/usr/include/stdio.h": "libc6-dev",
};

/** What is asked for is programs and files, not what dpkg says: elsewhere a person can install them under other names. */
export function missingPackages(hasProgram = isInstalled, hasFile = existsSync) {
  const absent = (/** @type {Record<string, string>} */ table, /** @type {(name: string) => boolean} */ has) =>
    Object.entries(table)
      .filter(([name]) => !has(name))
      .map(([, name]) => name);
  return [...absent(programs, hasProgram), ...absent(files, hasFile)];
}

/** @param {string} program */
function isInstalled(program) {
  // Users other than root have no sbin on their PATH, where mkfs.ext4 is.
  return folderOf(program, [...searchPath(), "/usr/sbin", "/sbin"]) !== undefined;
}

/** Whether commands have to be, and can be, run through sudo. @returns {Promise<"root" | "sudo" | "neither">} */
async function privilege() {
  if (process.getuid?.() === 0) return "root";
  return run("sudo", ["-n", "true"]).then(
    () => "sudo",
    () => "neither",
  );
}

/** @type {import("../setup.mjs").Part} */
export const lab = {
  title: "Debian packages for the lab",
  needs: ["npm"],

  isMissing: () => missingPackages().length > 0,

  async provide() {
    const packages = missingPackages();
    const byHand = `The lab needs these Debian packages: ${packages.join(" ")}.`;
    if (!folderOf("apt-get"))
      throw new SetupError(`${byHand} This machine has no apt-get: please install what corresponds to them.`);
    const rights = await privilege();
    if (rights === "neither")
      throw new SetupError(`${byHand} Only root, or sudo without a password, can install them: please do so.`);

    const settings = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"];
    const aptGet = (/** @type {string[]} */ ...args) =>
      rights === "sudo" ? run("sudo", ["-n", "env", ...settings, ...args]) : run("env", [...settings, ...args]);
    say(`installing ${packages.join(" ")}`);
    try {
      await aptGet("update");
      await aptGet("install", "--yes", "--no-install-recommends", ...packages);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      throw new SetupError(`${byHand} apt-get could not install them. ${error.message}`);
    }
    const absent = missingPackages();
    if (absent.length > 0)
      throw new SetupError(`apt-get installed ${absent.join(" ")}, and yet what the lab calls of them is not there.`);
  },
};
