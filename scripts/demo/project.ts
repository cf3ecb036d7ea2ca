import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pulumiEnvironment } from "../../test/engine/stack";
import { run, show } from "./show";

/**
 * A Pulumi project of this repository, with its own state and settings, which are removed after the demonstration: the repository
 * stays unchanged.
 */
export class Project {
  private readonly folder = mkdtempSync(join(tmpdir(), "vgpu-demo-"));
  private readonly env = pulumiEnvironment(this.folder, "demo");
  private readonly settings = join(this.folder, "settings.yaml");

  constructor(
    private readonly program: string,
    private readonly stack: string,
  ) {
    mkdirSync(join(this.folder, "state"));
  }

  /** Creates the stack. Pulumi writes its settings into the program's folder; only later commands accept another place. */
  async init(): Promise<void> {
    const file = join(this.program, `Pulumi.${this.stack}.yaml`);
    const committed = existsSync(file) ? readFileSync(file) : undefined;
    const code = await run(
      "pulumi",
      ["--cwd", this.program, "--non-interactive", "stack", "init", this.stack],
      this.env,
      "ignored",
    );
    if (existsSync(file)) renameSync(file, this.settings);
    if (committed) writeFileSync(file, committed);
    if (code !== 0) throw new Error(`\`pulumi stack init\` failed with exit code ${code}`);
  }

  /** Runs `pulumi` and shows its output. */
  pulumi(words: string, expected?: number[]): Promise<void> {
    return show(`pulumi ${words}`, () => this.run(["--stack", this.stack, ...words.split(" ")], "shown"), expected);
  }

  async configure(...words: string[]): Promise<void> {
    const code = await this.run(["config", ...words, "--stack", this.stack], "ignored");
    if (code !== 0) throw new Error(`\`pulumi config ${words[0]}\` failed with exit code ${code}`);
  }

  private run(args: string[], stdout: "shown" | "ignored"): Promise<number | null> {
    return run(
      "pulumi",
      ["--cwd", this.program, "--non-interactive", "--config-file", this.settings, ...args],
      this.env,
      stdout,
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
