import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A process as /proc shows it. */
interface StandIn {
  command?: string;
  words?: string[];
  /** What it has open, as links of /proc show it. */
  open?: string[];
}

/** Stands for /proc and for the places of definitions, in a folder below a root: this machine has processes of its own, and may hide them. */
export class StandInProcesses {
  constructor(private readonly root: string) {
    mkdirSync(join(root, "proc"));
    symlinkSync("/proc/self", join(root, "proc/self"));
    this.add(1, { command: "systemd", words: ["/sbin/init"] });
  }

  add(pid: number, { command = "x", words = [command], open = [] }: StandIn): void {
    const folder = join(this.root, "proc", String(pid));
    mkdirSync(join(folder, "fd"), { recursive: true });
    writeFileSync(join(folder, "comm"), `${command}\n`);
    writeFileSync(join(folder, "cmdline"), words.map((word) => `${word}\0`).join(""));
    open.forEach((target, number) => symlinkSync(target, join(folder, "fd", String(number))));
  }

  /** Assignments of the library's variables. */
  get places(): string {
    return `proc=${this.root}/proc definitions='${this.root}/definitions/*' vfio_nodes=${this.root}/vfio`;
  }
}
