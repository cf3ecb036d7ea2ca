import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { cached, hashOf } from "../cache";
import type { Entry } from "./archive";
import { tar } from "./archive";
import { debianPackage } from "./debian";
import type { Release } from "./tables";
import { cardsHeader, cardsTable, profilesHeader, profilesTable, typesTable } from "./tables";

const description = "NVIDIA Accelerated Graphics Driver for Linux-x86_64";

/** The vGPU Managers that the lab has, the last one also as a .deb. */
export const vgpuManagers = ["510.85.03", "535.230.02", "550.163.02", "580.105.06"];
/** NVIDIA's ordinary driver, which a host can carry by mistake (B101). */
export const dataCentreDriver = "580.159.04";
/** The version that is also packaged for apt. */
export const debianVersion = "580.105.06-deb";

export const driverVersions = [...vgpuManagers, debianVersion, dataCentreDriver];

function releaseOf(version: string): Release {
  if (!driverVersions.includes(version))
    throw new Error(`there is no driver ${version}; there are ${driverVersions.join(", ")}`);
  const bare = version.replace(/-deb$/, "");
  return { version: bare, branch: Number(bare.split(".")[0]), vgpu: bare !== dataCentreDriver };
}

/** The name of a package's file, as NVIDIA names it. */
export function packageName(version: string): string {
  const { version: bare, branch, vgpu } = releaseOf(version);
  if (version === debianVersion) return `nvidia-vgpu-ubuntu-${branch}_${bare}_amd64.deb`;
  return `NVIDIA-Linux-x86_64-${bare}${vgpu ? "-vgpu-kvm" : ""}.run`;
}

/** Files of a source folder, under the same name in the package. */
function filesOf(name: string, modeOf: (file: string) => number = () => 0o644): Entry[] {
  return readdirSync(join(__dirname, name), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name).slice(join(__dirname, name).length + 1))
    .map((file) => ({
      path: `${name}/${file}`,
      content: readFileSync(join(__dirname, name, file)),
      mode: modeOf(file),
    }));
}

/** What a package holds: the installer with all that it installs, or compiles and installs. */
export function payload(version: string): Entry[] {
  const release = releaseOf(version);
  const script = (file: string): number => (file.endsWith(".pm") ? 0o644 : 0o755);
  const installer = filesOf("installer")
    .filter(({ path }) => path === "installer/nvidia-installer" || path.startsWith("installer/lib/"))
    .map((entry) => ({
      ...entry,
      path: entry.path.replace("installer/", ""),
      mode: entry.path.includes("/lib/") ? 0o644 : 0o755,
    }));
  return [
    {
      path: "package",
      content: `VERSION=${release.version}\nBRANCH=${release.branch}\nVGPU=${release.vgpu ? 1 : 0}\n`,
    },
    ...installer,
    ...filesOf("kernel"),
    { path: "kernel/nv-cards.h", content: cardsHeader(release) },
    { path: "kernel/nv-gi-profiles.h", content: profilesHeader(release) },
    ...filesOf("tools", script),
    ...filesOf("services"),
    { path: "tables/cards.tsv", content: cardsTable(release) },
    { path: "tables/types", content: typesTable(release) },
    { path: "tables/profiles.tsv", content: profilesTable(release) },
  ];
}

/** A self-extracting package: a shell script, then the archive. */
function runPackage(version: string): Buffer {
  const archive = gzipSync(tar(payload(version)), { level: 9 });
  const stub = readFileSync(join(__dirname, "installer", "run-stub.sh"), "utf8");
  const filled = stub
    .replaceAll("@TITLE@", `${description} ${version}`)
    .replace("@TARGET@", packageName(version).replace(/\.run$/, ""))
    .replace("@LINES@", String(stub.split("\n").length - 1))
    .replace("@SUM@", createHash("md5").update(archive).digest("hex"));
  return Buffer.concat([Buffer.from(filled), archive]);
}

/** Builds one package into a folder and returns its path. The same sources give the same bytes. */
export function buildPackage(version: string, folder: string): string {
  const path = join(folder, packageName(version));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path,
    version === debianVersion ? debianPackage(releaseOf(version), payload(version)) : runPackage(version),
    { mode: 0o755 },
  );
  return path;
}

/** The path of a package in the user's cache, built when its sources have changed. */
export async function driverPackage(version: string): Promise<string> {
  const sources = ["installer", "package.ts", "archive.ts", "debian.ts"].map((name) => ({
    path: join(__dirname, name),
  }));
  const contents = payload(version).map(({ path, content }) => `${path}\0${content}`);
  const folder = await cached(
    "packages",
    hashOf(packageName(version), ...sources, ...contents),
    async (unfinished) => void buildPackage(version, unfinished),
  );
  return join(folder, packageName(version));
}

if (require.main === module) {
  const [version, folder = "."] = process.argv.slice(2);
  if (!version) {
    console.error(`usage: package.ts VERSION [FOLDER]\nversions: ${driverVersions.join(", ")}`);
    process.exit(2);
  }
  console.log(buildPackage(version, resolve(folder)));
}
