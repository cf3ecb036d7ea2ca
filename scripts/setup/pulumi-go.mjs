import { chmodSync, copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { run } from "./programs.mjs";

// Several modules, because the programs need different versions of the SDK: the language host for Node moved after
// 3.66.0 into a module that Go's module proxy does not serve, and so did that for Python. Those for YAML and Python are apart, so that
// they do not rebuild the others.
const sdkVersion = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const modules = {
  cli: {
    folder: "tools/pulumi/cli",
    pins: "github.com/pulumi/pulumi/pkg/v3",
    version: sdkVersion,
    tags: "osusergo,grpcnotrace",
  },
  "language-nodejs": {
    folder: "tools/pulumi/language-nodejs",
    pins: "github.com/pulumi/pulumi/sdk/v3",
    version: sdkVersion,
    tags: "",
  },
  "language-yaml": {
    folder: "tools/pulumi-yaml",
    pins: "github.com/pulumi/pulumi-yaml",
    version: "github.com/pulumi/pulumi-yaml/pkg/version.Version",
    tags: "",
  },
  "language-python": {
    folder: "tools/pulumi-python",
    pins: "github.com/pulumi/pulumi/sdk/v3",
    version: sdkVersion,
    tags: "",
  },
  sdks: {
    folder: "tools/pulumi-sdks",
    pins: "github.com/pulumi/pulumi/pkg/v3",
    version: sdkVersion,
    tags: "osusergo,grpcnotrace",
  },
};

const folderOfModule = (/** @type {keyof typeof modules} */ name) => join(root, modules[name].folder);

/**
 * Returns the version that a module's go.mod pins; it is defined nowhere else.
 * @param {keyof typeof modules} name
 */
export function pinnedVersion(name) {
  const { pins } = modules[name];
  const version = readFileSync(join(folderOfModule(name), "go.mod"), "utf8").match(
    new RegExp(`\\b${pins} v([0-9.]+)`),
  )?.[1];
  if (!version) throw new Error(`${modules[name].folder}/go.mod pins no version of ${pins}`);
  return version;
}

/**
 * Builds the CLI and its Node language host, and adds the launcher of dynamic providers from the npm package.
 * @param {string} folder
 */
export async function buildWithGo(folder) {
  // The small one first: it fails at once if Go is missing, too old or offline.
  await goBuild("language-nodejs", folder);
  await goBuild("cli", folder);
  const launcher = "pulumi-resource-pulumi-nodejs";
  copyFileSync(join(root, "node_modules", "@pulumi", "pulumi", launcher), join(folder, launcher));
  chmodSync(join(folder, launcher), 0o755);
}

/**
 * Builds the program of a module.
 * @param {keyof typeof modules} name
 * @param {string} folder
 */
export async function goBuild(name, folder) {
  // Without the linker flag the program does not know its own version, and Pulumi compares versions.
  const version = `-X ${modules[name].version}=v${pinnedVersion(name)}`;
  const args = [
    "-mod=readonly",
    "-trimpath",
    "-tags",
    modules[name].tags,
    "-ldflags",
    `-s -w ${version}`,
    "-o",
    `${folder}/`,
  ];
  const edited = await editedModule(name, folder);
  if (edited) args.push(`-modfile=${edited}/go.mod`);
  // Saves time: the compiler collects garbage less often, and writes no debugging information, which the linker would drop.
  await run("go", ["build", "-gcflags=all=-dwarf=false", ...args, "tool"], {
    cwd: folderOfModule(name),
    env: { CGO_ENABLED: "0", GOGC: "400" },
  });
  if (edited) rmSync(edited, { recursive: true });
}

/**
 * Returns the folder of a module's pinned sources.
 * @param {keyof typeof modules} name
 * @returns {Promise<string>}
 */
export async function moduleFolder(name) {
  const { pins } = modules[name];
  return JSON.parse(await run("go", ["mod", "download", "-json", pins], { cwd: folderOfModule(name) })).Dir;
}

/**
 * Copies the pinned module and edits it as edits.json says. Returns the folder with a go.mod that uses the copy.
 * @param {keyof typeof modules} name
 * @param {string} folder
 */
async function editedModule(name, folder) {
  const cwd = folderOfModule(name);
  const list = join(cwd, "edits.json");
  if (!existsSync(list)) return undefined;
  const { pins } = modules[name];
  const original = await moduleFolder(name);
  const edited = join(folder, `${name}-edited`);
  const copy = join(edited, "module");
  // Go's cache of modules is read-only, also in the copy.
  cpSync(original, copy, { recursive: true });
  for (const { file, from, to } of JSON.parse(readFileSync(list, "utf8"))) {
    const source = readFileSync(join(original, file), "utf8");
    if (!source.includes(from)) throw new Error(`${file} of ${pins} has no "${from}"`);
    chmodSync(join(copy, file), 0o644);
    writeFileSync(join(copy, file), source.replace(from, to));
  }
  const goMod = readFileSync(join(cwd, "go.mod"), "utf8");
  writeFileSync(join(edited, "go.mod"), `${goMod}\nreplace ${pins} => ${copy}\n`);
  copyFileSync(join(cwd, "go.sum"), join(edited, "go.sum"));
  return edited;
}
