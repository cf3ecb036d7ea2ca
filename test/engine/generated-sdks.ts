import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(__dirname, "..", "..");
const setup = join(root, "scripts", "setup.mjs");

/** Returns why this machine cannot run Python programs; undefined if it can. */
export function whyNoPython(): string | undefined {
  try {
    execFileSync(process.execPath, [setup, "python"], { stdio: ["ignore", "ignore", "pipe"] });
    return undefined;
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr ?? error).trim();
  }
}

/** The SDKs that Pulumi's generators write from a package schema, in a folder of their own. */
export class GeneratedSdks {
  readonly folder = mkdtempSync(join(tmpdir(), "vgpu-sdks-"));
  /** The folder of Pulumi's host of Python programs. */
  readonly host = execFileSync(process.execPath, [setup, "path", "python"], { encoding: "utf8" }).trim();
  readonly node = join(this.folder, "nodejs");
  readonly python = join(this.folder, "site");

  constructor(schema: string) {
    execFileSync(join(this.host, "pulumi-sdks"), [schema, this.folder]);
  }

  /** Installs the Python SDK, as `pip install ./sdk/python` does, in its folder. */
  installPython(): void {
    const words = ["install", "--quiet", "--no-deps", "--target", this.python, join(this.folder, "python")];
    execFileSync(join(this.host, "venv", "bin", "pip"), words, { stdio: "pipe" });
  }

  /** The environment for a Python program. */
  get env(): NodeJS.ProcessEnv {
    const pulumi = execFileSync(process.execPath, [setup, "path"], { encoding: "utf8" }).trim();
    const path = [pulumi, this.host, join(this.host, "venv", "bin"), process.env.PATH];
    return { PATH: path.join(delimiter), PYTHONPATH: this.python, PYTHONDONTWRITEBYTECODE: "1" };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
