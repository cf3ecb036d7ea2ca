import { readTextFile } from "../model/read-text";
import type { ExitCode } from "./exit-code";
import { exitCode } from "./exit-code";
import type { CliIo } from "./io";
import { readPreview } from "./preview/digest";
import { summaryMarkdown } from "./preview/summary";

/** What `pulumi preview --json` found, as Markdown. */
export async function summary(file: string | undefined, world: CliIo): Promise<ExitCode> {
  const preview =
    file === undefined
      ? readPreview(await world.stdin(), "stdin")
      : readPreview(readTextFile(file, `read the preview in ${file}`), file);
  world.out(summaryMarkdown(preview));
  return exitCode.fine;
}
