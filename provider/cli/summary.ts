import { readTextFile } from "../model/read-text";
import type { CliIo, ExitCode } from "./io";
import { exitCode } from "./io";
import { summaryMarkdown } from "./summary/markdown";
import { readPreview } from "./summary/preview";

/** What `pulumi preview --json` found, as Markdown. */
export async function summary(file: string | undefined, world: CliIo): Promise<ExitCode> {
  const preview =
    file === undefined
      ? readPreview(await world.stdin(), "stdin")
      : readPreview(readTextFile(file, `read the preview in ${file}`), file);
  world.out(summaryMarkdown(preview));
  return exitCode.ok;
}
