import { defineConfig } from "vitest/config";
import LongestFirst from "./test/lab/longest-first.mjs";

const onLabHosts = ["behaviours", "faults", "host"].map((part) => `test/lab/${part}/**/*.test.ts`).concat("test/lab/seed-steps.test.ts");

// With the real Pulumi CLI, and packages from the registry.
const withCli = ["engine", "packaging", "secrets"].map((part) => `test/${part}/**/*.test.ts`);

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
          testTimeout: 60_000, // a limit for what hangs: machines are crowded, and speed is measured elsewhere
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "lab",
          include: onLabHosts,
          // Each file has a host of its own: a QEMU process without hardware acceleration keeps a processor busy. A third at a time
          // makes the other two as much slower (2 cores, 2026-11-25).
          maxWorkers: 2,
          testTimeout: 5 * 60_000,
          hookTimeout: 30 * 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "engine",
          include: withCli,
          maxWorkers: 2,
          testTimeout: 15 * 60_000,
          hookTimeout: 30 * 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
