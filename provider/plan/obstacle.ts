import type { Blocker } from "./plan";

/** What stands in the way, before it is said for whom. */
export type Obstacle = Omit<Blocker, "for">;
