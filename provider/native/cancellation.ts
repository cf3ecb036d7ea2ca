import { UserError } from "../model/errors";

const hint = "A step that runs on the host continues to its end, and the next pulumi up waits for it.";

/** Ends the calls of the engine early: all of them at ^C, and each one at the end of its time. */
export class Cancellation {
  private readonly controller = new AbortController();

  cancel(): void {
    this.controller.abort(new UserError({ action: "finish the change", cause: "the run was canceled", hint }));
  }

  /** Runs a call with a signal. `seconds` is that of customTimeouts; 0: no limit. */
  async limit<R>(seconds: number, run: (signal: AbortSignal) => Promise<R>): Promise<R> {
    if (seconds <= 0) return run(this.controller.signal);
    const limit = new AbortController();
    const cause = `the ${seconds} seconds of customTimeouts are over`;
    const timer = setTimeout(
      () => limit.abort(new UserError({ action: "finish the change", cause, hint })),
      seconds * 1000,
    );
    try {
      return await run(AbortSignal.any([this.controller.signal, limit.signal]));
    } finally {
      clearTimeout(timer);
    }
  }
}
