import { CommanderError } from "commander";
import { errorMessage } from "../model/errors";
import type { CliIo } from "./io";
import { exitCode } from "./io";
import { program } from "./program";

/** Runs a command and returns the exit code. */
export async function run(args: readonly string[], io: CliIo): Promise<number> {
  let code: number = exitCode.ok;
  try {
    await program(io, (ended) => (code = ended)).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // commander has already printed what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.error;
    io.err(`${errorMessage(error)}\n`);
    return exitCode.error;
  }
}
