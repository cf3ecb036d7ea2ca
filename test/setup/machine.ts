import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A copy of the checkout on a machine with only the programs of the test. It is removed after the test. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "vgpu-setup-"));
  readonly cache = join(this.root, "cache", "pulumi-nvidia-vgpu");
  private readonly bin = join(this.root, "bin");

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    for (const folder of ["bin", "home", "cache", "calls"]) mkdirSync(join(this.root, folder));
    for (const part of ["scripts", "tools"]) cpSync(part, join(this.root, "checkout", part), { recursive: true });
    this.write("package-lock.json", JSON.stringify({ packages: { "": {} } }));
    this.write("node_modules/.package-lock.json", JSON.stringify({ packages: {} }));
  }

  /** Writes a file of the checkout. */
  write(path: string, text: string): void {
    const file = join(this.root, "checkout", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  read(path: string): string | undefined {
    const file = join(this.root, "checkout", path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  /** Adds a program on PATH: a shell script that records its calls. */
  program(name: string, script = ""): void {
    const file = join(this.bin, name);
    const head = `#!/bin/sh\nPATH=/usr/bin:/bin\necho "$*" >> ${join(this.root, "calls", name)}\n`;
    writeFileSync(file, `${head}${script}\n`);
    chmodSync(file, 0o755);
  }

  /** Returns the arguments of each call of a program. */
  calls(name: string): string[] {
    const file = join(this.root, "calls", name);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** Returns the files that the set-up shares between checkouts, without its lock. */
  cached(): string[] {
    return existsSync(this.cache)
      ? readdirSync(this.cache, { recursive: true })
          .map(String)
          .filter((name) => name !== "setup.lock")
      : [];
  }

  setup(...parts: string[]): Promise<Outcome> {
    return this.run(parts);
  }

  /** Runs the set-up as a user who is not root. */
  setupAsUser(...parts: string[]): Promise<Outcome> {
    if (process.getuid?.() !== 0) return this.run(parts);
    for (const folder of ["", "cache", "calls"]) chmodSync(join(this.root, folder), 0o777);
    return this.run(parts, 65534);
  }

  private run(parts: string[], uid?: number): Promise<Outcome> {
    const env = { PATH: this.bin, HOME: join(this.root, "home"), XDG_CACHE_HOME: join(this.root, "cache") };
    const child = spawn(process.execPath, [join(this.root, "checkout", "scripts", "setup.mjs"), ...parts], {
      env,
      uid,
    });
    const outcome: Outcome = { code: null, stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (outcome.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (outcome.stderr += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ ...outcome, code }));
    });
  }
}
