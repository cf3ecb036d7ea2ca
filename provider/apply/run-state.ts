/** The words by which follow.sh reports how the run and the host are. */
export type Answer = "superseded" | "missing" | "finished" | "rebooting";

/**
 * What follow.sh has reported so far. Each answer changes one of the two parts; `host` is final once it is known.
 *
 * | Answer       | run          | host        | Meaning                                                            |
 * | ------------ | ------------ | ----------- | ------------------------------------------------------------------ |
 * | none yet     | `followed`   | `unknown`   | the log of the run is being read                                   |
 * | `superseded` | `superseded` | unchanged   | the run was not started, because another run came first            |
 * | `missing`    | `missing`    | unchanged   | the run was started over an earlier connection and is gone         |
 * | `finished`   | unchanged    | `captured`  | no run is at work any more; a capture of the host follows          |
 * | `rebooting`  | unchanged    | `rebooting` | no run is at work any more; the host goes down, and nothing follows |
 */
export interface RunState {
  run: "followed" | "superseded" | "missing";
  host: "unknown" | "captured" | "rebooting";
}

export const initialState: RunState = { run: "followed", host: "unknown" };

const changes: Record<Answer, Partial<RunState>> = {
  superseded: { run: "superseded" },
  missing: { run: "missing" },
  finished: { host: "captured" },
  rebooting: { host: "rebooting" },
};

export const nextState = (state: RunState, answer: Answer): RunState => ({ ...state, ...changes[answer] });

/** Returns whether follow.sh has answered at all. Where it has not, it could not even start. */
export const hasAnswered = ({ run, host }: RunState): boolean => run !== "followed" || host !== "unknown";
