/** Limits how many holders there are at a time, in the order of their requests. */
export class Semaphore {
  private acquired = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private max: number) {}

  get taken(): number {
    return this.acquired;
  }

  /** Waits until it is free and returns the function that releases it. */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.acquired >= this.max) await this.queue(signal);
    else this.acquired++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.acquired--;
      this.admit();
    };
  }

  /** Reduces the limit, where the server allows fewer. */
  reduceTo(most: number): void {
    this.max = Math.max(1, Math.min(this.max, most));
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
    while (this.acquired < this.max && this.waiting.length > 0) {
      this.acquired++;
      this.waiting.shift()!();
    }
  }
}
