import { mkdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder, filesIn, fingerprint } from "./places.mjs";
import { folderOf, isProgram, run, searchPath } from "./programs.mjs";
import { buildWithGo, pinnedVersion } from "./pulumi-go.mjs";
import { install } from "./pulumi-installer.mjs";
import { printProgress, SetupError } from "./report.mjs";

/** Returns our own folder, named by version and sources, so that a new version never replaces one that is running. */
function ownFolder() {
  const files = filesIn("tools/pulumi").map((file) => join("tools", "pulumi", file));
  return join(cacheFolder, "bin", `pulumi-${pinnedVersion("cli")}-${fingerprint(files).slice(0, 8)}`);
}

/** Returns the folder of a Pulumi CLI that finds its Node language host (on PATH or in its own folder), or undefined. An installed one comes before our own. */
export function pulumiFolder() {
  const languageHost = "pulumi-language-nodejs";
  const candidates = [...searchPath(), join(homedir(), ".pulumi", "bin"), ownFolder()];
  return candidates.find((folder) => {
    const program = join(folder, "pulumi");
    return isProgram(program) && folderOf(languageHost, [folder, dirname(realpathSync(program)), ...searchPath()]);
  });
}

/** Sources of the CLI, each installed into an empty folder; the next is tried when one fails. */
const sources = [
  { name: "from the official installer", get: install },
  { name: "built with Go (4 to 6 minutes, once)", get: buildWithGo },
];

/** @type {import("../setup.mjs").Part} */
export const pulumi = {
  title: "Pulumi CLI",
  needs: ["npm"],

  isMissing: () => pulumiFolder() === undefined,

  async install() {
    const folder = ownFolder();
    const unfinished = `${folder}.new`;
    for (const { name, get } of sources) {
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished, { recursive: true });
      printProgress(`Pulumi CLI ${pinnedVersion("cli")} ${name}`);
      try {
        await get(unfinished);
        await run(join(unfinished, "pulumi"), ["version"], { env: { PULUMI_SKIP_UPDATE_CHECK: "true" } });
        renameSync(unfinished, folder);
        return;
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        printProgress(`Pulumi CLI ${name} failed: ${error.message}`);
      } finally {
        rmSync(unfinished, { recursive: true, force: true });
      }
    }
    throw new SetupError(
      "The Pulumi CLI could not be installed. Install it (https://www.pulumi.com/docs/install/) and put it on PATH.",
    );
  },
};
