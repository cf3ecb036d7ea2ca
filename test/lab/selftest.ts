import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Runs all checks on lab hosts and prints the table of behaviours; arguments are passed to vitest (`-t B31`). */
export function selftest(args: string[]): number {
  const vitest = join(__dirname, "..", "..", "node_modules", ".bin", "vitest");
  const reporters = ["default", "./test/lab/behaviours/table.ts", "./test/summary-reporter.ts"].map(
    (name) => `--reporter=${name}`,
  );
  return (
    spawnSync(vitest, ["run", "--project", "lab", ...reporters, ...args], {
      stdio: "inherit",
      cwd: join(__dirname, "..", ".."),
    }).status ?? 1
  );
}
