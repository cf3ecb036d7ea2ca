import type { GpuInstanceProfile } from "../../../provider/model/facts/mig";

const profile = (id: number, name: string, total: number, size: number, starts: number[]): GpuInstanceProfile => ({
  id,
  name,
  total,
  size,
  starts,
});

/** As `nvidia-smi mig -lgip` and `-lgipp` print them. */
export const cards = {
  A100: [
    profile(19, "1g.5gb", 7, 1, [0, 1, 2, 3, 4, 5, 6]),
    profile(20, "1g.5gb+me", 1, 1, [0, 1, 2, 3, 4, 5, 6]),
    profile(15, "1g.10gb", 4, 2, [0, 2, 4, 6]),
    profile(14, "2g.10gb", 3, 2, [0, 2, 4]),
    profile(9, "3g.20gb", 2, 4, [0, 4]),
    profile(5, "4g.20gb", 1, 4, [0]),
    profile(0, "7g.40gb", 1, 8, [0]),
  ],
  A30: [
    profile(14, "1g.6gb", 4, 1, [0, 1, 2, 3]),
    profile(21, "1g.6gb+me", 1, 1, [0, 1, 2, 3]),
    profile(5, "2g.12gb", 2, 2, [0, 2]),
    profile(6, "2g.12gb+me", 1, 2, [0, 2]),
    profile(0, "4g.24gb", 1, 4, [0]),
  ],
  RTXPRO6000: [
    profile(47, "1g.24gb+gfx", 4, 3, [0, 3, 6, 9]),
    profile(35, "2g.48gb+gfx", 2, 6, [0, 6]),
    profile(32, "4g.96gb+gfx", 1, 12, [0]),
  ],
} as const satisfies Record<string, readonly GpuInstanceProfile[]>;
