import { mixedCards } from "../cards/sets";
import { provedOn } from "./behaviour";
import { enableVfs } from "./devices";
import { A40, mdev } from "./mdev";

provedOn("mdev", { cards: mixedCards, state: "ready", prepare: (lab) => enableVfs(lab, A40) }, mdev);
