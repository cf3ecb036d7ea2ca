import { readdirSync, readFileSync } from "node:fs";

/** The processes of one run of the CLI. */
export const roles = ["the program", "the provider", "a second provider", "the CLI"] as const;

/** Processor time by process, in milliseconds. */
export type ProcessTimes = Record<(typeof roles)[number], number>;

/**
 * Watches the processes that the CLI starts and ends by itself: the program, and providers. Of Pulumi's dynamic provider one refreshes, then
 * another one is started; of the native plugin there is one.
 */
export class CliProcesses {
  private readonly timer: NodeJS.Timeout;
  private readonly providers = new Map<number, { kib: number; cpuMs: number }>();
  private readonly programs = new Map<number, number>();

  /** `cli` is the pid of the CLI. */
  constructor(private readonly cli: number) {
    this.timer = setInterval(() => this.sample(), 100);
  }

  /** The peak memory of one provider process so far, in MiB. */
  get peakMiB(): number {
    return Math.round(Math.max(0, ...[...this.providers.values()].map(({ kib }) => kib)) / 1024);
  }

  /** Returns the times, up to 0.1 s before each process ended. All others belong to the CLI, also its language host. */
  times(totalCpuMs: number): ProcessTimes {
    const program = sum([...this.programs.values()]);
    const [first = 0, ...more] = [...this.providers.values()].map(({ cpuMs }) => cpuMs).sort((a, b) => b - a);
    return {
      "the program": program,
      "the provider": first,
      "a second provider": sum(more),
      "the CLI": totalCpuMs - program - first - sum(more),
    };
  }

  end(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    for (const pid of descendants(this.cli)) {
      const command = read(pid, "cmdline");
      if (isProvider(command)) this.sampleProvider(pid);
      else if (isProgram(command)) this.programs.set(pid, cpuMs(pid) ?? this.programs.get(pid) ?? 0);
    }
  }

  private sampleProvider(pid: number): void {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(read(pid, "status")) ?? [];
    const before = this.providers.get(pid) ?? { kib: 0, cpuMs: 0 };
    this.providers.set(pid, { kib: Number(kib ?? before.kib), cpuMs: cpuMs(pid) ?? before.cpuMs });
  }
}

const isProvider = (command: string): boolean =>
  /^[^\0]*node\0[^\0]*\/(dynamic-provider(\/index\.js)?|pulumi-resource-nvidia-vgpu)\0/.test(command);

const isProgram = (command: string): boolean => /^[^\0]*node\0(.*\0)?[^\0]*\/cmd\/run(\/index\.js)?\0/.test(command);

/** Returns the descendants of a process, by proc(5): each thread has children of its own. */
function descendants(pid: number): number[] {
  const children = threads(pid).flatMap((thread) => read(pid, `task/${thread}/children`).split(" ").filter(Boolean));
  return children.map(Number).flatMap((child) => [child, ...descendants(child)]);
}

/** Returns none for a process that has ended. */
function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Returns undefined for a process that has ended. In proc(5), utime and stime are in 1/100 s, after the name in brackets. */
function cpuMs(pid: number): number | undefined {
  const fields = read(pid, "stat").split(") ").at(-1)!.split(" ");
  return fields.length > 12 ? (Number(fields[11]) + Number(fields[12])) * 10 : undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Returns "" for a process that has ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
