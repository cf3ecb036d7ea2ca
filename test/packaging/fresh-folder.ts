import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/setup/places.mjs";
import { run } from "../../scripts/setup/programs.mjs";

const pulumi = "@pulumi/pulumi@3.248.0";

/** A folder outside this checkout, in which the package is installed as a user does it. */
export class FreshFolder {
  readonly path = mkdtempSync(join(tmpdir(), "vgpu-fresh-"));
  /** Files of the package, as `npm pack` tells them. */
  files: string[] = [];

  get modules(): string {
    return join(this.path, "node_modules");
  }

  async install(): Promise<this> {
    // Scripts print what they do before what npm prints.
    const told = await run("npm", ["pack", "--json", "--pack-destination", this.path, "--loglevel=error"], {
      cwd: root,
    });
    const [packed] = JSON.parse(told.slice(told.search(/^\[/m))) as [{ filename: string; files: { path: string }[] }];
    this.files = packed.files.map(({ path }) => path).sort();
    writeFileSync(join(this.path, "package.json"), '{"private": true}\n');
    const quietly = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...quietly, `./${packed.filename}`, pulumi], { cwd: this.path });
    return this;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
