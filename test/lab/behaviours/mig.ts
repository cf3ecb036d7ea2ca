import { expect } from "vitest";
import type { Behaviour } from "./behaviour";
import { disableVfs, enableVfs } from "./devices";

const A100 = "0000:c4:00.0";

/** SR-IOV on a card with MIG mode on. The rest of MIG has no checks yet. */
export const mig: Behaviour[] = [
  {
    id: "B37",
    title: "an SR-IOV cycle removes all GPU instances of the card, and MIG mode stays",
    async check(lab) {
      await lab.run(`nvidia-smi -i ${A100} -mig 1`);
      await enableVfs(lab, A100);
      await lab.run(`nvidia-smi mig -i ${A100} -cgi 14,14`);
      expect(await lab.run(`nvidia-smi mig -i ${A100} -lgi`)).toMatch(/2g\.10gb/);
      await disableVfs(lab, A100);
      expect((await lab.sh(`nvidia-smi mig -i ${A100} -lgi`)).stdout).not.toMatch(/2g\.10gb/);
      expect(await lab.run(`nvidia-smi --query-gpu=mig.mode.current --format=csv,noheader -i ${A100}`)).toBe(
        "Enabled\n",
      );
      await lab.run(`nvidia-smi -i ${A100} -mig 0`);
    },
  },
];
