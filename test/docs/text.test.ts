import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { root } from "../../scripts/setup/places.mjs";
import { anchorsIn, codeIn, textOf } from "./markdown";

const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" });
const files = git("ls-files")
  .split("\n")
  .filter((file) => file && existsSync(join(root, file)));
const documents = files.filter((file) => file.endsWith(".md"));
const forUsers = documents.filter((file) => file === "README.md" || file.startsWith("docs/"));

test("the tests find the documents", () => {
  expect(forUsers).toEqual(expect.arrayContaining(["README.md", "docs/resources.md"]));
});

test("programs in README and reference compile", () => {
  const programs = new Map(
    forUsers.flatMap((file) =>
      codeIn(textOf(file), "ts").map((code, i) => [
        join(root, "examples/one-host", `${file.replace(/\W/g, "-")}-${i}.ts`),
        code,
      ]),
    ),
  );
  expect(programs.size).toBeGreaterThan(0);
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => programs.has(file) || fileExists(file);
  host.readFile = (file) => programs.get(file) ?? readFile(file);
  const found = ts.getPreEmitDiagnostics(ts.createProgram([...programs.keys()], options, host));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
}, 120_000);

test("the first program of the README has ten lines at most, imports and blank lines aside", () => {
  const [program] = codeIn(textOf("README.md"), "ts");
  expect(program!.split("\n").filter((line) => line && !line.startsWith("import")).length).toBeLessThanOrEqual(10);
});

describe.each(documents)("%s", (file) => {
  const text = textOf(file);

  test("each npm script that the document names exists", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm (?:run ([\w:-]+)|(test)\b)/g)].map(([, script, short]) => script ?? short!);
    for (const script of named) expect(Object.keys(scripts)).toContain(script);
  });

  test("each link of the document leads to an existing file and heading", () => {
    const links = [...text.replace(/^```[^]*?^```/gm, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    for (const link of links.filter((one) => !/^https?:/.test(one))) {
      const [path, anchor] = link.split("#") as [string, string?];
      const target = path ? join(dirname(file), path) : file;
      expect(existsSync(join(root, target)), link).toBe(true);
      if (anchor) expect(anchorsIn(textOf(target)), link).toContain(anchor);
    }
  });
});

test("no file names the registry or the folder of the machine that it was written on", () => {
  const registry = execFileSync("npm", ["config", "get", "registry"], { cwd: root, encoding: "utf8" }).trim();
  const hosts = [new URL(registry).host, "registry.npmjs.org"];
  const sharedFolder = ["..", "shared"].join("/");
  const forbidden = [...hosts, root, sharedFolder];
  for (const word of forbidden) {
    const found = git("ls-files", "-z")
      .split("\0")
      .filter((file) => file && existsSync(join(root, file)) && textOf(file).includes(word));
    expect(
      found.filter((file) => file !== "test/docs/text.test.ts"),
      word,
    ).toEqual([]);
  }
});
