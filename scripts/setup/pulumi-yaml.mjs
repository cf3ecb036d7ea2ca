import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, filesIn, fingerprint } from "./places.mjs";
import { folderOf, isProgram, searchPath } from "./programs.mjs";
import { pulumiFolder } from "./pulumi.mjs";
import { goBuild, pinnedVersion } from "./pulumi-go.mjs";

const program = "pulumi-language-yaml";

/** Returns our own folder, named by version and sources, as that of the CLI is. */
function ownFolder() {
  const files = filesIn("tools/pulumi-yaml").map((file) => join("tools", "pulumi-yaml", file));
  return join(cacheFolder, "bin", `${program}-${pinnedVersion("language-yaml")}-${fingerprint(files).slice(0, 8)}`);
}

/** Returns the folder of Pulumi's host of YAML programs, or undefined. Pulumi's installer has installed it with the CLI. */
export function yamlHostFolder() {
  const installed = [pulumiFolder(), ...searchPath()].filter((folder) => folder !== undefined);
  return folderOf(program, installed) ?? (isProgram(join(ownFolder(), program)) ? ownFolder() : undefined);
}

/** @type {import("../setup.mjs").Part} */
export const yamlHost = {
  title: "Pulumi's host of YAML programs, built with Go",
  needs: ["npm", "pulumi"],

  isMissing: () => yamlHostFolder() === undefined,

  async install() {
    const folder = ownFolder();
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    try {
      await goBuild("language-yaml", unfinished);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  },
};
