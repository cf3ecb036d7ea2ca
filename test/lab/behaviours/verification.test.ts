import { provedOn } from "./behaviour";
import { iommu, renumbering, verification } from "./verification";

provedOn("verification and IOMMU", { cards: "T4@0000:3b,A10@0001:c8,P10@0000:82", state: "ready" }, [...verification, ...renumbering, ...iommu]);
