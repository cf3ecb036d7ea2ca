import { beforeAll, describe, expect, test } from "vitest";
import { connectionTo, sriovAndLayout } from "./declared";
import { uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";

const unit = "nvidia-vgpu-restore.service";

onLab(
  "a host that reboots with nobody connected",
  { cards: "T4@0000:3b,A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    const journal = () => lab().run(`journalctl -b -u ${unit} -o cat --no-pager`);
    let before: string[];

    beforeAll(async () => {
      stack().declare([
        ...sriovAndLayout(lab(), "A40", { "A40-12Q": 3 }),
        { kind: "MdevVgpu", name: "desktop", connection: connectionTo(lab()), gpu: { model: "T4" }, type: "T4-4Q" },
      ]);
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      before = await uuidsOn(lab());
      expect(before).toHaveLength(4);
    });

    describe.each(["a clean reboot", "a power cut"])("after %s", (how) => {
      beforeAll(() => (how === "a power cut" ? lab().powerCut() : lab().reboot()));

      test(`VFs and vGPUs are there after ${how}, and a preview finds no change`, async () => {
        expect(await uuidsOn(lab()), await journal()).toEqual(before);
        expect(await lab().run(`systemctl is-active ${unit}`)).toBe("active\n");
        const preview = await stack().preview("--refresh", "--expect-no-changes");
        expect(preview.code, preview.output).toBe(0);
      });
    });
  },
);
