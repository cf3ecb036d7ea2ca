import { provedOn } from "./behaviour";
import { enableVfs } from "./devices";
import { L40S, vendor } from "./vendor";

provedOn(
  "type files",
  { cards: "L40S@0000:3d", state: "ready", driver: "580.105.06", prepare: (lab) => enableVfs(lab, L40S) },
  vendor,
);
