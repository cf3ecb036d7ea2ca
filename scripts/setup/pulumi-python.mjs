import { cpSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, filesIn, fingerprint, root } from "./places.mjs";
import { isProgram, run } from "./programs.mjs";
import { goBuild, moduleFolder, pinnedVersion } from "./pulumi-go.mjs";

const tools = ["tools/pulumi-python", "tools/pulumi-sdks"];

/** Returns our own folder, named by version and sources, as that of the CLI is. */
function ownFolder() {
  const files = tools.flatMap((folder) => filesIn(folder).map((file) => join(folder, file)));
  const version = pinnedVersion("language-python");
  return join(cacheFolder, "bin", `pulumi-language-python-${version}-${fingerprint(files).slice(0, 8)}`);
}

/** Returns the folder of Pulumi's host of Python programs, with its Python in `venv`, and of the generator of SDKs; or undefined. */
export function pythonFolder() {
  const isComplete = isProgram(join(ownFolder(), "pulumi-sdks"));
  return isComplete ? ownFolder() : undefined;
}

/** @type {import("../setup.mjs").Part} */
export const python = {
  title: "Pulumi's host of Python programs and generators of SDKs, built with Go",
  needs: ["npm", "pulumi"],

  isMissing: () => pythonFolder() === undefined,

  async install() {
    const folder = ownFolder();
    // Not renamed at the end: a Python environment has its own path in it. The program that is looked for comes last.
    const unfinished = `${folder}.new`;
    for (const one of [folder, unfinished]) rmSync(one, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    try {
      const venv = join(folder, "venv");
      await run("python3", ["-m", "venv", venv]);
      const requirements = join(root, "tools/pulumi-python/requirements.txt");
      await run(join(venv, "bin", "pip"), ["install", "--quiet", "--requirement", requirements]);
      await goBuild("language-python", unfinished);
      await goBuild("sdks", unfinished);
      const launcher = "pulumi-language-python-exec";
      cpSync(join(await moduleFolder("language-python"), "python", "cmd", launcher), join(unfinished, launcher));
      for (const name of ["pulumi-language-python", launcher, "pulumi-sdks"])
        renameSync(join(unfinished, name), join(folder, name));
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  },
};
