import { existsSync } from "node:fs";
import { folderOf, run, searchPath } from "./programs.mjs";
import { printProgress, SetupError } from "./report.mjs";

// Programs and files that building and running lab hosts needs, and the Debian packages that have them.
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
  sshd: "openssh-server", // tests of ssh use a real server
  shellcheck: "shellcheck", // a test runs it on all shell scripts
  busybox: "busybox", // its sh is that of some hosts
};
const files = {
  "/usr/lib/grub/i386-pc/boot.img": "grub-pc-bin",
  "/usr/include/stdio.h": "libc6-dev",
};

/** Returns the missing packages, by their programs and files instead of dpkg: other distributions have other package names. */
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

/** Returns how commands can run as root. @returns {Promise<"root" | "sudo" | "neither">} */
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

  async install() {
    const packages = missingPackages();
    const needed = `The lab needs these Debian packages: ${packages.join(" ")}.`;
    if (!folderOf("apt-get"))
      throw new SetupError(`${needed} This machine has no apt-get. Install the corresponding packages.`);
    const rights = await privilege();
    if (rights === "neither") throw new SetupError(`${needed} Installing them requires root or passwordless sudo.`);

    const settings = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"];
    const aptGet = (/** @type {string[]} */ ...args) =>
      rights === "sudo" ? run("sudo", ["-n", "env", ...settings, ...args]) : run("env", [...settings, ...args]);
    printProgress(`installing ${packages.join(" ")}`);
    try {
      await aptGet("update");
      await aptGet("install", "--yes", "--no-install-recommends", ...packages);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      throw new SetupError(`${needed} apt-get could not install them. ${error.message}`);
    }
    const absent = missingPackages();
    if (absent.length > 0)
      throw new SetupError(
        `apt-get installed ${absent.join(" ")}, but programs or files of these packages are still missing.`,
      );
  },
};
