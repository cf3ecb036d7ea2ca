import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ended } from "./io";

const folder = join(__dirname, "previews");
const previews = readdirSync(folder).flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? []);
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const scratch = mkdtempSync(join(tmpdir(), "summary-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test.each(previews)("the preview %s is formatted as Markdown, from a file and from stdin", async (name) => {
  const expected = { out: read(`${name}.md`), err: "", code: 0 };
  expect(await ended(`summary ${join(folder, `${name}.json`)}`)).toMatchObject(expected);
  expect(await ended("summary", { stdin: async () => read(`${name}.json`) })).toMatchObject(expected);
});

test("a byte order mark, as PowerShell writes it, does not matter", async () => {
  expect(await ended("summary", { stdin: async () => '\ufeff{"steps":[]}' })).toMatchObject({ code: 0, err: "" });
});

test("a long list is collapsed", async () => {
  const diagnostics = Array.from({ length: 20 }, (_, i) => ({
    message: `error: number ${"x".repeat(i)}`,
    severity: "error",
  }));
  const { out } = await ended("summary", { stdin: async () => JSON.stringify({ steps: null, diagnostics }) });
  expect(out).toMatch(/#### Errors\n\n<details><summary>20 lines<\/summary>\n\n- number\n- number x\n/);
});

test.each([
  ["", /^Could not read the preview in stdin: it is empty\. Pass the stdout of `pulumi preview --json`\. /],
  ["error: no stack selected\nmore", /begins with: error: no stack selected\. Pass the stdout/],
  ["{}", /not a preview in JSON \(neither steps nor diagnostics\); it begins with: \{\}/],
  ["[]", /not a preview in JSON; it begins with: \[\]/],
  ["null", /not a preview in JSON; it begins with: null/],
  ['{"version": 3, "deployment": {}}', /neither steps nor diagnostics/],
  ['{"sequence":0,"preludeEvent":{"config":{}}}', /neither steps nor diagnostics/],
  ['{"sequence":0,"preludeEvent":{}}\n{"sequence":1}', /not a preview in JSON/],
  ['{"steps": [{"op": 1}]}', /not a preview in JSON \(steps\.0\.op\)/],
])("a text that is not a preview is refused: %j", async (text, err) => {
  expect(await ended("summary", { stdin: async () => text })).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringMatching(err),
  });
});

test("a file that is missing or is not a preview is an error that names it", async () => {
  writeFileSync(join(scratch, "x.json"), "[]");
  expect((await ended(`summary ${join(scratch, "y.json")}`)).err).toMatch(
    /Could not read the preview in .*y\.json: there is no such file\./,
  );
  expect((await ended(`summary ${join(scratch, "x.json")}`)).err).toMatch(
    /Could not read the preview in .*x\.json: not a preview/,
  );
});
