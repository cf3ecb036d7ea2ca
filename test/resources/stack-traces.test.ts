import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { SriovEnablement } from "../../provider";

const { prepareStackTrace } = Error;
/** Set by PULUMI_DEBUG_PROMISE_LEAKS, when Pulumi's SDK is loaded. */
const debuggable = createRequire(require.resolve("@pulumi/pulumi"))("./runtime/debuggable") as {
  debugPromiseLeaks: boolean;
};
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
    if (frames.length > 0) formatted++;
    return [String(error), ...frames].join("\n    at ");
  };
});
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
  debuggable.debugPromiseLeaks = false;
});

const create = (name: string) =>
  new SriovEnablement(name, { connection: { host: "gpu01.example", user: "root" }, gpus: "all" });

test("a resource does not format a stack trace for each promise of Pulumi", () => {
  create("few");
  expect(formatted).toBeLessThan(10);
});

test("a resource does not format a stack trace for each promise that Pulumi makes after its registration", async () => {
  const created = create("later");
  await new Promise((resolve) => created.urn.apply(resolve));
  await new Promise(setImmediate);
  expect(formatted).toBeLessThan(10);
});

test("all stack traces are formatted while leaks of promises are debugged", () => {
  create("before");
  formatted = 0;
  debuggable.debugPromiseLeaks = true;
  create("all");
  expect(formatted).toBeGreaterThan(40);
});

test("an error in the options of a resource keeps its stack trace, and the formatter and its limit are as before", () => {
  const { prepareStackTrace: installed, stackTraceLimit } = Error;
  const parent = "no resource" as unknown as pulumi.Resource;
  let thrown: unknown;
  try {
    new SriovEnablement("bad", { connection: { host: "gpu01.example" }, gpus: "all" }, { parent });
  } catch (error) {
    thrown = error;
  }
  expect((thrown as Error).stack).toContain("stack-traces.test.ts");
  expect([Error.prepareStackTrace, Error.stackTraceLimit]).toEqual([installed, stackTraceLimit]);
});
