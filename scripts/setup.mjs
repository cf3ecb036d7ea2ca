#!/usr/bin/env node
// Installs what this project needs and the machine lacks; silent when nothing is missing. Plain Node: it runs before `npm ci`.
//
//   node scripts/setup.mjs [npm] [build] [lab] [pulumi] [yaml] [python]   install these parts and what they need (default: all but python)
//   node scripts/setup.mjs path                                           print the folder of `pulumi`, to put first on PATH
//   node scripts/setup.mjs path yaml|python                               print the folder of its host of such programs
import { build } from "./setup/build.mjs";
import { lab } from "./setup/lab.mjs";
import { withLock } from "./setup/lock.mjs";
import { npm } from "./setup/npm.mjs";
import { interruption } from "./setup/programs.mjs";
import { pulumi, pulumiFolder } from "./setup/pulumi.mjs";
import { python, pythonFolder } from "./setup/pulumi-python.mjs";
import { yamlHost, yamlHostFolder } from "./setup/pulumi-yaml.mjs";
import { printProgress, SetupError, stage } from "./setup/report.mjs";

/**
 * A part of the set-up that can be missing.
 * @typedef {object} Part
 * @property {string} title
 * @property {string[]} needs  parts that must be installed first
 * @property {() => boolean} isMissing  fast: it runs before every command
 * @property {() => Promise<void>} install  all or nothing: leaves no half of it behind
 */

/** In the order of installation. @type {Record<string, Part>} */
const parts = { npm, build, lab, pulumi, yaml: yamlHost, python };

/** @param {string[]} names */
function withNeeds(names) {
  const requested = new Set(
    names.flatMap((name) => {
      const part = parts[name];
      if (!part) throw new SetupError(`There is no part "${name}". The parts are ${Object.keys(parts).join(", ")}.`);
      return [...part.needs, name];
    }),
  );
  return Object.entries(parts)
    .filter(([name]) => requested.has(name))
    .map(([, part]) => part);
}

/** @param {string[]} names */
async function setUp(names) {
  for (const part of withNeeds(names)) {
    if (!part.isMissing()) continue;
    await withLock(async () => {
      // Another set-up may have installed it while this one waited.
      if (part.isMissing()) await stage(part.title, part.install);
    });
  }
}

const folders = { yaml: yamlHostFolder, python: pythonFolder, pulumi: pulumiFolder };

/** @param {string} [part] */
function printPath(part = "pulumi") {
  const folder = folders[/** @type {keyof typeof folders} */ (part)]();
  if (!folder)
    throw new SetupError(`${parts[part]?.title ?? part} is missing. Run \`node scripts/setup.mjs ${part}\`.`);
  console.log(folder);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interruption.abort());
try {
  const names = process.argv.slice(2);
  if (names[0] === "path") printPath(names[1]);
  // Few machines need Python, and not all have it.
  else await setUp(names.length > 0 ? names : Object.keys(parts).filter((name) => name !== "python"));
} catch (error) {
  if (interruption.signal.aborted) printProgress("interrupted");
  else if (error instanceof SetupError) printProgress(error.message);
  else throw error;
  process.exitCode = 1;
}
