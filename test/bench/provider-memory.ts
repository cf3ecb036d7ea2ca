import { readdirSync, readFileSync } from "node:fs";

/**
 * Measures the memory of provider processes, which the CLI starts and ends by itself: of Pulumi's dynamic provider one to refresh, then another;
 * of the native plugin one.
 */
export class ProviderMemory {
  private readonly timer: NodeJS.Timeout;
  private provider: number | undefined;
  private kib = 0;

  /** `cli` is the pid of the CLI. */
  constructor(private readonly cli: number) {
    this.timer = setInterval(() => this.sample(), 100);
  }

  /** The peak memory of one process so far, in MiB. */
  get peakMiB(): number {
    return Math.round(this.kib / 1024);
  }

  end(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    this.provider ??= processes().find((pid) => isProvider(pid) && descends(pid, this.cli));
    const [, kib] = (this.provider && /^VmHWM:\s+(\d+) kB/m.exec(read(this.provider, "status"))) || [];
    if (kib) this.kib = Math.max(this.kib, Number(kib));
    else this.provider = undefined;
  }
}

const processes = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const isProvider = (pid: number): boolean =>
  /^[^\0]*node\0[^\0]*\/(dynamic-provider(\/index\.js)?|pulumi-resource-nvidia-vgpu)\0/.test(read(pid, "cmdline"));

function descends(pid: number, from: number): boolean {
  const parent = Number(/^PPid:\s+(\d+)/m.exec(read(pid, "status"))?.[1] ?? 0);
  return parent === from || (parent > 1 && descends(parent, from));
}

/** Returns "" for a process that has ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
