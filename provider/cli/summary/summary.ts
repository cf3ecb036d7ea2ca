import { readTextFile } from "../../model/read-text";
import type { CliIo, ExitCode } from "../io";
import { exitCode } from "../io";
import { summaryMarkdown } from "./markdown";
import { readPreview } from "./preview";

/** Prints the output of `pulumi preview --json` as Markdown. */
export async function summary(file: string | undefined, io: CliIo): Promise<ExitCode> {
  const preview =
    file === undefined
      ? readPreview(await io.stdin(), "stdin")
      : readPreview(readTextFile(file, `read the preview in ${file}`), file);
  io.out(summaryMarkdown(preview));
  return exitCode.ok;
}
