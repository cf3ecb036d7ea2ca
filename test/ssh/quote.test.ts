import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { quote, quoteAll } from "../../provider/ssh/script";

const shells = ["/bin/dash", "/bin/bash", "/bin/sh"].filter((shell) => existsSync(shell));

const hostile = [
  "",
  " ",
  "'",
  "''",
  "'\\''",
  '"',
  "\\",
  "\\\\'",
  "$HOME",
  "$(touch /tmp/owned)",
  "`id`",
  "!",
  "!!",
  "a;b",
  "a&&b",
  "|",
  ">x",
  "*",
  "?",
  "[a]",
  "~",
  "~root",
  "#",
  "-n",
  "-e",
  "--",
  "a=b",
  "if",
  "{",
  "}",
  "(",
  ")",
  "\n",
  "\n\n",
  "a\nb",
  "a\n",
  "\r\n",
  "\t",
  "\u0001\u001b[31m",
  "\u007f",
  "%s%n",
  "é",
  "日本語",
  "🂡",
  "\u0081\u0088",
  "\u00ff",
  "\u2028",
  "\ufeff",
  "\u202eabc",
  "e\u0301",
  "'; rm -rf / #",
  "'\n'; echo owned; '",
  "${IFS}",
  "$'\\n'",
  "\\\n",
];

function words(shell: string, script: string): string[] {
  const output = execFileSync(shell, ["-s"], { input: script, maxBuffer: 64 << 20, stdio: ["pipe", "pipe", "ignore"] });
  return output.toString("utf8").split("\0").slice(0, -1);
}

const print = (values: readonly string[]) => `for word in ${quoteAll(values)}; do printf '%s\\0' "$word"; done`;

/** mulberry32: the same values in every run, so that a failure can be seen again. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const alphabet = [..."'\"\\$`!*?[]{}()<>|&;#~=%- \t\n\rabc012", "é", "\u0081", "\u0088", "日", "🂡", "\u001b"];

function strings(count: number, longest: number, seed: number): string[] {
  const next = random(seed);
  const pick = () => alphabet[Math.floor(next() * alphabet.length)]!;
  return Array.from({ length: count }, () => Array.from({ length: Math.floor(next() * longest) }, pick).join(""));
}

describe.each(shells)("quote in %s", (shell) => {
  it("returns every hostile value as one word", () => {
    expect(words(shell, print(hostile))).toEqual(hostile);
  });

  it("returns 2000 random values unchanged", () => {
    const values = strings(2000, 40, 20261123);
    expect(words(shell, print(values))).toEqual(values);
  });

  it("returns a value of 1 MB unchanged", () => {
    const value = strings(1, 2 ** 21, 3)[0]!.padEnd(2 ** 20, "'\n$");
    expect(value.length).toBeGreaterThanOrEqual(2 ** 20);
    expect(words(shell, print([value]))).toEqual([value]);
  });
});

describe("quote", () => {
  it("refuses values that no shell word can have", () => {
    expect(() => quote("a\0b")).toThrow("NUL");
    expect(() => quote("\ud800")).toThrow("half a character");
    expect(quote("\ud83c\udca1")).toBe("'🂡'");
  });

  it("always quotes, since if, a=b and { have a meaning where a command begins", () => {
    expect(quoteAll(["if", "a=b", "{"])).toBe("'if' 'a=b' '{'");
  });
});
