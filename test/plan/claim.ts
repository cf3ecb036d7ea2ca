import type { Claim } from "../../provider/plan";

/** Of a resource in a test: by whose owner alone it is known what is its own. */
export const claimBy = (owner: string, instance = ""): Claim => ({ owner, instance, resource: "VgpuLayout l" });
