import { expect, test } from "vitest";
import type { Entry } from "../../provider/lifecycle/engine/log";
import { Reporter } from "../../provider/lifecycle/reporter";
import { urnOf } from "./fake-host";

const said = async (
  run: (reporter: Reporter) => void,
  urn: unknown = urnOf("MdevVgpu", "cad"),
  sink = async (_: Entry) => {},
) => {
  const entries: Entry[] = [];
  const reporter = new Reporter(
    async (entry) => {
      await sink(entry);
      entries.push(entry);
    },
    urn,
    {
      host: "gpu01",
      password: "hunter2",
      privateKey: "-----BEGIN\nsecretline\n-----END",
      sudo: { password: "sudo word" },
    },
  );
  run(reporter);
  await reporter.flush();
  return entries;
};

test("progress is ephemeral, and begins with name, host and seconds", async () => {
  expect(await said((reporter) => reporter.progress("compiling"))).toEqual([
    { urn: urnOf("MdevVgpu", "cad"), severity: "info", ephemeral: true, message: "[cad@gpu01 0 s] compiling" },
  ]);
});

test("a lasting message begins with name and host", async () => {
  expect(await said((reporter) => reporter.report("warning", "The VFs are off."))).toMatchObject([
    { ephemeral: false, severity: "warning", message: "[cad@gpu01] The VFs are off." },
  ]);
});

test("secrets of the connection are redacted, also single lines of them", async () => {
  const [entry] = await said((reporter) => reporter.progress("hunter2 secretline sudo word"));
  expect(entry!.message).toBe("[cad@gpu01 0 s] [secret] [secret] [secret]");
});

test("a message is one line without control characters", async () => {
  const [entry] = await said((reporter) => reporter.progress("a\n  b\u001b[2Jc\r\0"));
  expect(entry!.message).toBe("[cad@gpu01 0 s] a b\\x1b[2Jc\\x0d\\x00");
});

test("a message without a valid URN is for the row of the stack, since a malformed URN makes the CLI panic", async () => {
  for (const urn of [null, "urn:pulumi:x", 5]) {
    expect(await said((reporter) => reporter.progress("x"), urn)).toMatchObject([
      { urn: "", message: "[gpu01 0 s] x" },
    ]);
  }
});

test("lines arrive in the order in which they were sent", async () => {
  let wait = 20;
  const slowAtFirst = () => new Promise<void>((resolve) => setTimeout(resolve, (wait -= 10)));
  const entries = await said(
    (reporter) => ["1", "2"].forEach((line) => reporter.progress(line)),
    undefined,
    slowAtFirst,
  );
  expect(entries.map(({ message }) => message.at(-1))).toEqual(["1", "2"]);
});
