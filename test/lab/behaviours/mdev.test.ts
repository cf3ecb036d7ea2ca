import { mixedCards, provedOn } from "./behaviour";
import { A40, mdev } from "./mdev";
import { mig } from "./mig";
import { enableVfs } from "./devices";

provedOn("mdev", { cards: mixedCards, state: "ready", prepare: (lab) => enableVfs(lab, A40) }, [...mig, ...mdev]);
