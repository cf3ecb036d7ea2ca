import { afterAll, beforeAll, expect, test } from "vitest";
import type { SshdCounts } from "../lab";
import { sshdCountsDuring } from "../lab";
import { connectionTo, typesOn } from "./declared";
import { onLab } from "./on-lab";
import type { Declared, Outcome } from "./stack";
import { Stack } from "./stack";

const vgpus = 16;

onLab(
  "connections and commands on a host with 16 vGPUs, by the log of its sshd",
  { cards: "A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    const functions = (): Declared => ({
      kind: "SriovEnablement",
      name: "functions",
      connection: connectionTo(lab()),
      gpus: "all",
    });
    const layout: Declared = {
      kind: "VgpuLayout",
      name: "layout",
      on: "functions",
      gpu: { model: "A40" },
      vgpus: { "A40-1Q": vgpus },
    };
    const single = (number: number): Declared => ({
      kind: "MdevVgpu",
      name: `desktop-${number}`,
      connection: connectionTo(lab()),
      gpu: { model: "A40" },
      type: "A40-1Q",
    });

    /** Runs the CLI, expects success, and returns what sshd counted meanwhile. */
    async function counted(title: string, run: () => Promise<Outcome>): Promise<SshdCounts> {
      const begun = performance.now();
      const counts = await sshdCountsDuring(lab(), async () => {
        const { code, output } = await run();
        expect(code, output).toBe(0);
      });
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`${title}: ${counts.connections} connections, ${counts.sessions} execs, ${seconds} s`);
      return counts;
    }

    let singles: Stack;
    afterAll(() => singles.remove());

    beforeAll(async () => {
      singles = new Stack("singles");
      stack().declare([functions()]);
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
    });

    test("up creates a layout of 16 vGPUs with one connection and at most 3 execs", async () => {
      stack().declare([functions(), layout]);
      const { connections, sessions } = await counted("up, a layout of 16", () => stack().up());
      expect(await typesOn(lab())).toHaveLength(vgpus);
      expect(connections).toBe(1);
      expect(sessions).toBeLessThanOrEqual(3);
    });

    test("a refreshing preview without changes takes 1 connection and 1 exec", async () => {
      expect(await counted("preview, a layout of 16", () => stack().preview("--expect-no-changes"))).toEqual({
        connections: 1,
        sessions: 1,
      });
    });

    test("up creates 16 single vGPUs with one connection and at most 6 execs", async () => {
      await lab().run(
        "for mdev in /sys/bus/mdev/devices/*; do echo 1 > $mdev/remove; done; rm -r /etc/nvidia-vgpu/vgpus",
      );
      expect(await typesOn(lab())).toEqual([]);
      singles.declare(Array.from({ length: vgpus }, (_, number) => single(number)));
      const { connections, sessions } = await counted("up, 16 single vGPUs", () => singles.up("--parallel", "16"));
      expect(await typesOn(lab())).toEqual(Array<string>(vgpus).fill("A40-1Q"));
      expect(connections).toBe(1);
      expect(sessions).toBeLessThanOrEqual(6);
      expect(await counted("preview, 16 single vGPUs", () => singles.preview("--expect-no-changes"))).toEqual({
        connections: 1,
        sessions: 1,
      });
    });
  },
);
