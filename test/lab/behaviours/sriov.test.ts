import { provedOn } from "./behaviour";
import { sriov } from "./sriov";

provedOn("SR-IOV and users", { cards: "T4@0000:3b,A40@0000:41,A10@0001:c8,RTXA5000@0000:c4", state: "ready" }, sriov);
