/** Something that a person can put right: shown without a stack. */
export class SetupError extends Error {}

/** Progress goes to stderr: stdout belongs to the command that wanted the set-up. @param {string} line */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/**
 * Says what is being done, that it still goes on, and how long it took.
 * @param {string} title
 * @param {() => Promise<void>} work
 */
export async function stage(title, work) {
  const start = Date.now();
  const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
  say(`${title} ...`);
  const reminder = setInterval(() => say(`${title} ... ${seconds()}`), 30_000);
  try {
    await work();
    say(`${title}: done in ${seconds()}`);
  } finally {
    clearInterval(reminder);
  }
}
