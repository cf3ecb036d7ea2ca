/** One card of each kind; several sections and tests share the saved state of a host with them. */
export const mixedCards = "T4@0000:3b,A40@0000:41,P10@0000:82,A100@0000:c4,A10@0001:c8";

/** Cards of both frameworks that support MIG, and one of each that mixes sizes. */
export const migCards = "A40@0000:41,A30@0000:82,A100@0000:c4";
export const migVendorCards = "L40S@0000:3d,H100@0000:41,H200@0000:45,RTXPRO6000@0000:c4,RTXPRO6000WS@0000:c8";
