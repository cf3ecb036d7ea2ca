import { readdirSync, readFileSync } from "node:fs";

/** Reads the command lines of all processes again and again, as `ps` shows them to every user. */
export class ProcessWatch {
  reads = 0;
  readonly commandLines = new Set<string>();
  private readonly timer = setInterval(() => this.read(), 100);

  stop(): void {
    clearInterval(this.timer);
  }

  private read(): void {
    this.reads++;
    for (const pid of readdirSync("/proc")) if (/^\d+$/.test(pid)) this.commandLines.add(commandLine(pid));
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // The process has ended meanwhile.
    return "";
  }
}
