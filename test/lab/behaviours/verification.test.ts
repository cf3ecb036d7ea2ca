import { mixedCards } from "../cards/sets";
import { provedOn } from "./behaviour";
import { iommu, renumbering, verification } from "./verification";

provedOn("verification and IOMMU", { cards: mixedCards, state: "ready" }, [...verification, ...renumbering, ...iommu]);
