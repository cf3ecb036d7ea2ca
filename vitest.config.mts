import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import LongestFirst from "./test/lab/longest-first.mjs";

const onLabHosts = ["behaviours", "faults", "host"].map((part) => `test/lab/${part}/**/*.test.ts`).concat("test/lab/seed-steps.test.ts");

// With the real Pulumi CLI, and packages from the registry.
const withCli = ["engine", "packaging", "secrets"].map((part) => `test/${part}/**/*.test.ts`);

// A file on a lab host keeps a processor busy three quarters of its time (QEMU without hardware acceleration, 2 cores, 2026-11-25).
const maxWorkers = availableParallelism() + 1;

export default defineConfig({
  test: {
    reporters: ["default", "./test/closing-line.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...onLabHosts, ...withCli],
          maxWorkers,
          testTimeout: 60_000, // a limit for what hangs: machines are crowded, and speed is measured elsewhere
        },
      },
      {
        test: {
          name: "lab",
          include: onLabHosts,
          maxWorkers,
          testTimeout: 5 * 60_000,
          hookTimeout: 30 * 60_000,
        },
      },
      {
        test: {
          name: "engine",
          include: withCli,
          maxWorkers,
          testTimeout: 15 * 60_000,
          hookTimeout: 30 * 60_000,
        },
      },
    ],
  },
});
