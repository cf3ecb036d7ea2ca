import { execFileSync } from "node:child_process";

export interface Running {
  pid: number;
  parent: number;
  session: number;
  words: string;
}

export const processes = (): Running[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,sid=,args="])
    .toString()
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, parent, session, ...words] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), session: Number(session), words: words.join(" ") };
    });

export const isRunning = (words: string): boolean => processes().some((one) => one.words === words);

/** The runner of a job, its watchdog and its steps: their command line names the job's file. */
export const processesOf = (job: string): Running[] => processes().filter(({ words }) => words.endsWith(job));

/** Ends what the runs in a folder started and left behind. */
export function endRuns(folder: string): void {
  const all = processes();
  const sessions = new Set(
    all.filter(({ words }) => words.startsWith(`sh ${folder}/run-`)).map(({ session }) => session),
  );
  for (const { pid, session } of all) if (sessions.has(session)) end(pid);
}

export function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
