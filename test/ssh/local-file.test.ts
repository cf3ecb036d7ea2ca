import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { digestOf } from "../../provider/ssh";

vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  return { ...real, createReadStream: vi.fn(real.createReadStream) };
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const reads = () => vi.mocked(fs.createReadStream).mock.calls.length;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "digest-test-"));
  vi.mocked(fs.createReadStream).mockClear();
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a local file is read once for any number of callers, and again when it was changed", async () => {
  const file = join(folder, "package.run");
  writeFileSync(file, "one");
  const expected = { bytes: 3, sha256: sha256("one") };
  expect(await Promise.all([digestOf(file), digestOf(file)])).toEqual([expected, expected]);
  expect(await digestOf(file)).toEqual(expected);
  expect(reads()).toBe(1);
  writeFileSync(file, "another");
  expect(await digestOf(file)).toEqual({ bytes: 7, sha256: sha256("another") });
  expect(reads()).toBe(2);
});

test("a failure to read a local file is not cached", async () => {
  const file = join(folder, "package.run");
  await expect(digestOf(file)).rejects.toThrow("ENOENT");
  writeFileSync(file, "one");
  expect(await digestOf(file)).toMatchObject({ bytes: 3 });
});
