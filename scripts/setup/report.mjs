/** An error that the user can correct: shown without a stack. */
export class SetupError extends Error {}

/** Prints progress to stderr: stdout belongs to the command that required the set-up. @param {string} line */
export function printProgress(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/**
 * Runs work; prints its title, a line every 30 s, and how long it took.
 * @param {string} title
 * @param {() => Promise<void>} work
 */
export async function stage(title, work) {
  const start = Date.now();
  const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
  printProgress(`${title} ...`);
  const reminder = setInterval(() => printProgress(`${title} ... ${seconds()}`), 30_000);
  try {
    await work();
    printProgress(`${title}: done in ${seconds()}`);
  } finally {
    clearInterval(reminder);
  }
}
