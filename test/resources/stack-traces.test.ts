import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { SriovEnablement } from "../../provider";

const { prepareStackTrace } = Error;
let formatted = 0;

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }),
    call: () => ({}),
  }),
);
beforeEach(() => {
  formatted = 0;
  // As source-map-support does, which Pulumi installs in programs.
  Error.prepareStackTrace = (error, frames) => {
    formatted++;
    return [String(error), ...frames].join("\n    at ");
  };
});
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
  vi.unstubAllEnvs();
});

const create = (name: string) =>
  new SriovEnablement(name, { connection: { host: "gpu01.example", user: "root" }, gpus: "all" });

test("a resource does not format a stack trace for each promise of Pulumi", () => {
  create("few");
  expect(formatted).toBeLessThan(10);
});

test("all stack traces are formatted while leaks of promises are debugged", () => {
  vi.stubEnv("PULUMI_DEBUG_PROMISE_LEAKS", "true");
  create("all");
  expect(formatted).toBeGreaterThan(40);
});

test("an error in the options of a resource keeps its stack trace, and the formatter is restored after it", () => {
  const installed = Error.prepareStackTrace;
  const parent = "no resource" as unknown as pulumi.Resource;
  let thrown: unknown;
  try {
    new SriovEnablement("bad", { connection: { host: "gpu01.example" }, gpus: "all" }, { parent });
  } catch (error) {
    thrown = error;
  }
  expect((thrown as Error).stack).toContain("stack-traces.test.ts");
  expect(Error.prepareStackTrace).toBe(installed);
});
