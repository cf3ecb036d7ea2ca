import { mkdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder, filesIn, fingerprint } from "./places.mjs";
import { folderOf, isProgram, run, searchPath } from "./programs.mjs";
import { buildWithGo, pinnedVersion } from "./pulumi-go.mjs";
import { install } from "./pulumi-installer.mjs";
import { SetupError, say } from "./report.mjs";

/** Named by what it is made from, so that a new version never replaces one that is running. */
function ownFolder() {
  const files = filesIn("tools/pulumi").map((file) => join("tools", "pulumi", file));
  return join(cacheFolder, "bin", `pulumi-${pinnedVersion("cli")}-${fingerprint(files).slice(0, 8)}`);
}

/** The folder of a Pulumi CLI that finds its Node language host (on PATH or beside itself), or undefined: an installed one before our own. */
export function pulumiFolder() {
  const languageHost = "pulumi-language-nodejs";
  const candidates = [...searchPath(), join(homedir(), ".pulumi", "bin"), ownFolder()];
  return candidates.find((folder) => {
    const program = join(folder, "pulumi");
    return isProgram(program) && folderOf(languageHost, [folder, dirname(realpathSync(program)), ...searchPath()]);
  });
}

/** The ways to get one, each into an empty folder; the next is tried when one fails. */
const ways = [
  { name: "from the official installer", get: install },
  { name: "built with Go (4 to 6 minutes, once)", get: buildWithGo },
];

/** @type {import("../setup.mjs").Part} */
export const pulumi = {
  title: "Pulumi CLI",
  needs: ["npm"],

  isMissing: () => pulumiFolder() === undefined,

  async provide() {
    const folder = ownFolder();
    const made = `${folder}.new`;
    for (const { name, get } of ways) {
      rmSync(made, { recursive: true, force: true });
      mkdirSync(made, { recursive: true });
      say(`Pulumi CLI ${pinnedVersion("cli")} ${name}`);
      try {
        await get(made);
        await run(join(made, "pulumi"), ["version"], { env: { PULUMI_SKIP_UPDATE_CHECK: "true" } });
        renameSync(made, folder);
        return;
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        say(`not ${name}: ${error.message}`);
      } finally {
        rmSync(made, { recursive: true, force: true });
      }
    }
    throw new SetupError(
      "The Pulumi CLI could not be had: please install it (https://www.pulumi.com/docs/install/) and put it on PATH.",
    );
  },
};
