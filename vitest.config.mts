import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import LongestFirst from "./test/lab/longest-first.mjs";

const onLabHosts = ["behaviours", "faults", "host"]
  .map((part) => `test/lab/${part}/**/*.test.ts`)
  .concat("test/lab/seed-steps.test.ts");

// With the real Pulumi CLI, and packages from the registry.
const withCli = ["engine", "packaging", "secrets"].map((part) => `test/${part}/**/*.test.ts`);

// Tests that leave nothing behind in their process. A worker keeps it for all of them, which halves the processor time of such a file.
const sharing = ["apply", "docs", "fleet", "model", "plan", "preview", "probe", "report"].map(
  (part) => `test/${part}/**/*.test.ts`,
);

// For what hangs: machines are crowded, and speed is measured elsewhere.
const unitTimeout = 60_000;

export default defineConfig({
  test: {
    reporters: ["default", "./test/summary-reporter.ts"],
    sequence: { sequencer: LongestFirst },
    // The same number for all projects: so all files are one queue, and what waits (a login that is too slow, a host that is away) leaves
    // its processor to others. Each lab host is a QEMU process without hardware acceleration, which keeps a processor busy.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      { test: { name: "unit", include: sharing, isolate: false, testTimeout: unitTimeout } },
      {
        test: {
          name: "unit-isolated",
          include: ["test/**/*.test.ts"],
          exclude: [...sharing, ...onLabHosts, ...withCli],
          testTimeout: unitTimeout,
        },
      },
      { test: { name: "lab", include: onLabHosts, testTimeout: 5 * 60_000, hookTimeout: 30 * 60_000 } },
      { test: { name: "engine", include: withCli, testTimeout: 15 * 60_000, hookTimeout: 30 * 60_000 } },
    ],
  },
});
