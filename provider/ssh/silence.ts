export interface SilenceLimits {
  limitMs: number;
  /** Called about once a second during a silence, with its length. */
  onSilence?: (seconds: number) => void;
  onLimit: () => void;
}

/** Watches for a silence: `position` changes with each byte that is received or sent. Returns a function that stops it. */
export function watchForSilence(position: () => string, { limitMs, onSilence, onLimit }: SilenceLimits): () => void {
  let [last, since] = [position(), performance.now()];
  const timer = setInterval(
    () => {
      const now = position();
      if (now !== last) [last, since] = [now, performance.now()];
      const silentMs = performance.now() - since;
      if (silentMs >= limitMs) onLimit();
      else if (silentMs >= 1000) onSilence?.(silentMs / 1000);
    },
    Math.min(1000, limitMs / 4),
  );
  return () => clearInterval(timer);
}
