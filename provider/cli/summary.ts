import { readText } from "../model/read-text";
import { exitCode, type ExitCode } from "./exit-code";
import { readPreview } from "./preview/digest";
import { inMarkdown } from "./preview/summary";
import type { World } from "./world";

/** What `pulumi preview --json` found, as Markdown. */
export async function summary(file: string | undefined, world: World): Promise<ExitCode> {
  const preview = file === undefined ? readPreview(await world.stdin(), "stdin") : readPreview(readText(file, `read the preview in ${file}`), file);
  world.out(inMarkdown(preview));
  return exitCode.fine;
}
