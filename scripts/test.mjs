// npm test: all tests. The lab's own tests do not use provider/ and take minutes. They are skipped, with a notice, if this machine has
// passed them for the lab as it is now. LAB=prove runs them all the same.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder, filesIn, fingerprint, root } from "./setup/places.mjs";

/** Returns the file that is there if all tests of the lab passed with what they depend on as it is now. */
function labProof() {
  const files = filesIn("test/lab")
    .filter((file) => !file.endsWith(".md"))
    .map((file) => join("test/lab", file));
  const qemu = execFileSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" });
  const key = createHash("sha256")
    .update(fingerprint([...files, "vitest.config.mts", "package-lock.json"]))
    .update(qemu)
    .digest("hex")
    .slice(0, 16);
  return join(cacheFolder, "lab", "proved", key);
}

const proof = labProof();
const isTested = process.env.LAB !== "prove" && existsSync(proof);
if (isTested) {
  console.log(
    `The lab's own tests are SKIPPED: they passed here for the lab as it is, on ${readFileSync(proof, "utf8").trim()}. LAB=prove npm test runs them, too.\n`,
  );
}
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");

// More than processors: some files wait, for a host that is away or a login that is slow, and leave their processor to others.
const workers = Math.ceil(1.5 * Math.max(2, availableParallelism()));

/** @param {string[]} projects Runs their tests and returns the exit code. */
function run(projects) {
  const options = projects.flatMap((project) => ["--project", project]).concat("--maxWorkers", String(workers));
  const { status } = spawnSync(process.execPath, [vitest, "run", ...options, ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  return status ?? 1;
}

const products = ["unit", "unit-isolated", "engine"];
if (isTested) process.exitCode = run(products);
// One run, because what the arguments select may be in one of the projects only.
else if (process.argv.length > 2) process.exitCode = run([...products, "lab"]);
else {
  // The lab has its own run, so that its success is recorded even if a test of the product fails.
  const labStatus = run(["lab"]);
  if (labStatus === 0) {
    mkdirSync(dirname(proof), { recursive: true });
    writeFileSync(proof, `${new Date().toISOString()}\n`);
  }
  process.exitCode = run(products) || labStatus;
}
