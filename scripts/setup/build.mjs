import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesIn, fingerprint, root } from "./places.mjs";
import { run } from "./programs.mjs";

const dist = join(root, "dist");
const unfinished = join(root, "dist.new");
const inputsFile = ".inputs";

const sources = () => filesIn("provider").map((file) => join("provider", file));
const inputs = () => fingerprint([...sources(), "tsconfig.json", "tsconfig.build.json", "package-lock.json"]);

function builtFrom() {
  try {
    return readFileSync(join(dist, inputsFile), "utf8");
  } catch {
    return undefined;
  }
}

/** @type {import("../setup.mjs").Part} */
export const build = {
  title: "the build (provider/ to dist/)",
  needs: ["npm"],

  isMissing: () => sources().some((file) => file.endsWith(".ts")) && builtFrom() !== inputs(),

  async install() {
    rmSync(unfinished, { recursive: true, force: true });
    const from = inputs();
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    await run(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", unfinished, "--pretty", "false"], {
      cwd: root,
    });
    // The scripts that run on hosts are in the same folders as the code that sends them.
    for (const file of filesIn("provider").filter((name) => !name.endsWith(".ts"))) {
      cpSync(join(root, "provider", file), join(unfinished, file));
    }
    writeFileSync(join(unfinished, inputsFile), from);
    rmSync(dist, { recursive: true, force: true });
    renameSync(unfinished, dist);
  },
};
