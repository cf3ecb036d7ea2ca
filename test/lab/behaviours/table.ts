import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

interface Row {
  id: string;
  what: string;
  how: string;
  limits: string;
}

/** Returns the rows of the table of behaviours in the lab's README. */
export function readmeTable(): Row[] {
  const readme = readFileSync(join(__dirname, "..", "README.md"), "utf8");
  return readme.split("\n").flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    return /^B\d+$/.test(cells[1] ?? "") ? [{ id: cells[1]!, what: cells[2]!, how: cells[3]!, limits: cells[4]! }] : [];
  });
}

/** Prints, after a run, each behaviour of the README's table with the result of its test. */
export default class BehaviourTable implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const results = new Map<string, string>();
    for (const module of modules.filter((m) => !m.moduleId.includes("switched-off")))
      for (const test of module.children.allTests()) {
        const id = /^B\d+/.exec(test.name)?.[0];
        if (id)
          results.set(
            id,
            test.result().state === "passed" ? "shown" : test.result().state === "skipped" ? "SKIPPED" : "NOT SHOWN",
          );
      }
    console.log(`\n${"No.".padEnd(5)} ${"result".padEnd(10)} ${"what real hosts do".padEnd(84)} by`);
    for (const { id, what, how, limits } of readmeTable())
      console.log(
        `${id.padEnd(5)} ${(results.get(id) ?? "not run").padEnd(10)} ${what.replaceAll("`", "").padEnd(84)} ${how.replaceAll("`", "")}${limits ? ` (limit: ${limits.replaceAll("`", "")})` : ""}`,
      );
  }
}
