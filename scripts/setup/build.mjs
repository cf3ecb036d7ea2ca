import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesIn, fingerprint, root } from "./places.mjs";
import { run } from "./programs.mjs";

const dist = join(root, "dist");
const made = join(root, "dist.new");
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

  async provide() {
    rmSync(made, { recursive: true, force: true });
    const from = inputs();
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    await run(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", made, "--pretty", "false"], {
      cwd: root,
    });
    // The scripts that run on hosts travel beside the code that sends them.
    for (const file of filesIn("provider").filter((name) => !name.endsWith(".ts"))) {
      cpSync(join(root, "provider", file), join(made, file));
    }
    writeFileSync(join(made, inputsFile), from);
    rmSync(dist, { recursive: true, force: true });
    renameSync(made, dist);
  },
};
