import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/setup/places.mjs";
import { run } from "../../scripts/setup/programs.mjs";

const pulumi = "@pulumi/pulumi@3.248.0";

/** A folder outside this checkout, in which the package is installed as users do. */
export class FreshFolder {
  readonly path = mkdtempSync(join(tmpdir(), "vgpu-fresh-"));
  /** Files of the package, as `npm pack` lists them. */
  files: string[] = [];

  get modules(): string {
    return join(this.path, "node_modules");
  }

  async install(): Promise<this> {
    // Output of scripts comes before that of npm.
    const printed = await run("npm", ["pack", "--json", "--pack-destination", this.path, "--loglevel=error"], {
      cwd: root,
    });
    const [packed] = JSON.parse(printed.slice(printed.search(/^\[/m))) as [
      { filename: string; files: { path: string }[] },
    ];
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
