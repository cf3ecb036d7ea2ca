import { provedOn } from "./behaviour";
import { A40, mdev } from "./mdev";
import { mig } from "./mig";
import { enableVfs } from "./devices";

provedOn("mdev", { cards: "T4@0000:3b,A40@0000:41,A100@0000:c4", state: "ready", prepare: (lab) => enableVfs(lab, A40) }, [...mig, ...mdev]);
