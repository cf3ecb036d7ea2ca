/** `frame_rate_limiter=0, disable_vnc=1` in one spelling, for comparing. */
export const inOneSpelling = (parameters: string | undefined): string =>
  (parameters ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean)
    .join(",");
