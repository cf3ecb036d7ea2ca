import { readFileSync } from "node:fs";
import { UserError } from "../model/errors";
import { exitCode, type ExitCode } from "./exit-code";
import { readPreview } from "./preview/digest";
import { inMarkdown } from "./preview/summary";
import type { World } from "./world";

/** What `pulumi preview --json` found, as Markdown. */
export async function summary(file: string | undefined, world: World): Promise<ExitCode> {
  const preview = file === undefined ? readPreview(await world.stdin(), "stdin") : readPreview(textOf(file), file);
  world.out(inMarkdown(preview));
  return exitCode.fine;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError({ tried: `read the preview in ${file}`, seen: code === "ENOENT" ? "there is no such file" : String(code) });
  }
}
