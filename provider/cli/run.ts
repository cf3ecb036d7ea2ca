import { CommanderError } from "commander";
import { errorMessage } from "../lifecycle/engine/errors";
import type { CliIo } from "./io";
import { exitCode } from "./io";
import { program } from "./program";

/** Runs the command line to its end, and says what to exit with. */
export async function run(words: readonly string[], world: CliIo): Promise<number> {
  let code: number = exitCode.ok;
  try {
    await program(world, (ended) => (code = ended)).parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    // Of what is wrong with its words commander has told itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.error;
    world.err(`${errorMessage(error)}\n`);
    return exitCode.error;
  }
}
