import { mixedCards, provedOn } from "./behaviour";
import { enableVfs } from "./devices";
import { A40, mdev } from "./mdev";
import { mig } from "./mig";

provedOn("mdev", { cards: mixedCards, state: "ready", prepare: (lab) => enableVfs(lab, A40) }, [...mig, ...mdev]);
