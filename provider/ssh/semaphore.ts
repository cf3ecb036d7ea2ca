/** Lets a limited number in at a time, first come, first served. */
export class Semaphore {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private most: number) {}

  get taken(): number {
    return this.inside;
  }

  /** Waits for a place and returns the function that gives it back. */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.inside >= this.most) await this.queue(signal);
    else this.inside++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.inside--;
      this.admit();
    };
  }

  /** The other side allows fewer than we thought. */
  lower(most: number): void {
    this.most = Math.max(1, Math.min(this.most, most));
  }

  private queue(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const admitted = () => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      };
      const aborted = () => {
        this.waiting.splice(this.waiting.indexOf(admitted), 1);
        reject(signal?.reason);
      };
      this.waiting.push(admitted);
      signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  private admit(): void {
    while (this.inside < this.most && this.waiting.length > 0) {
      this.inside++;
      this.waiting.shift()!();
    }
  }
}
