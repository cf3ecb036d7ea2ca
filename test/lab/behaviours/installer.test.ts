import { provedOn } from "./behaviour";
import { copyPackages, installer } from "./installer";

provedOn("installer", { cards: "T4@0000:3b,A40@0000:41", state: "tools", prepare: copyPackages }, installer);
