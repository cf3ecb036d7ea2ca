import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabHost, UpOptions } from "../lab";
import { injectFault, sshdCountsDuring, up } from "../lab";
import { Relay } from "../ssh/relay";
import { connectionTo } from "./declared";
import { mdevsOn, removeVgpu } from "./manual-changes";
import type { Declared, Outcome } from "./stack";
import { Stack } from "./stack";

const uuids = { near: "11111111-1111-4111-8111-111111111111", far: "22222222-2222-4222-8222-222222222222" };
const host: UpOptions = { cards: "T4@0000:3b,A40@0000:41", state: "ready" };

describe("a program of two hosts under the real CLI", () => {
  let near: LabHost;
  let far: LabHost;
  let stack: Stack;
  let relay: Relay | undefined;
  /** Port of the relay, also while there is none. */
  let port = 0;

  /** Fails soon, and accepts the host key at any address. */
  const direct = (lab: LabHost) => ({
    ...connectionTo(lab),
    knownHosts: undefined,
    hostKey: lab.hostKey,
    dialErrorLimit: 0,
    perDialTimeout: 5,
  });
  const relayed = () => ({ ...direct(far), host: "localhost", port });
  const relayTo = async (lab: LabHost): Promise<void> => {
    relay?.close();
    relay = await Relay.to(lab, port);
    port = relay.port;
  };
  const vgpu = (name: "near" | "far", connection: object, more = {}): Declared => ({
    kind: "MdevVgpu",
    name,
    connection,
    gpu: { model: "T4" },
    type: "T4-4Q",
    uuid: uuids[name],
    ...more,
  });
  const declare = (connectionToFar: object = direct(far), more = {}): void =>
    stack.declare([vgpu("near", direct(near)), vgpu("far", connectionToFar, more)]);
  const expectSuccess = ({ code, output }: Outcome): void => expect(code, output).toBe(0);

  beforeAll(async () => {
    [near, far] = await Promise.all([up(host), up(host)]);
    stack = new Stack();
    declare();
    expectSuccess(await stack.up());
  });
  afterAll(async () => {
    relay?.close();
    stack?.remove();
    await Promise.all([near?.down(), far?.down()]);
  });

  describe("when one host is unreachable", () => {
    const expectFarUnchanged = async (): Promise<void> => {
      expect(await stack.outputsOf("far")).toMatchObject({
        uuid: uuids.far,
        type: "T4-4Q",
        parentAddress: "0000:3b:00.0",
      });
      expect(await mdevsOn(far)).toEqual([expect.stringContaining(uuids.far)]);
    };
    const expectUnreachable = ({ output }: Outcome): void => {
      expect(output).toContain(`[far@${far.address}] could not be read`);
    };

    test("preview warns of a host that hangs, succeeds, and still plans the other host", async () => {
      await removeVgpu(near, uuids.near);
      await injectFault(far, "host-gone");
      const preview = await stack.preview();
      await far.resume();
      expectSuccess(preview);
      expectUnreachable(preview);
      expect(preview.output).toMatch(/\+ 1 to create\n\s+2 unchanged/);
      await expectFarUnchanged();
    });

    test("up names a host with a stopped sshd, fails, and still repairs the other host", async () => {
      await injectFault(far, "sshd-stopped");
      // Even if there is something to change on the unreachable one.
      declare(direct(far), { parameters: "frame_rate_limiter=0" });
      const ended = await stack.up();
      expect(ended.code, ended.output).not.toBe(0);
      expectUnreachable(ended);
      expect(ended.output).toMatch(/\+ 1 created\n\s+2 unchanged/);
      expect(await mdevsOn(near)).toEqual([expect.stringContaining(uuids.near)]);
      await far.agent("systemctl start ssh.service");
      await expectFarUnchanged();
    });

    test("once the host is reachable again, a preview has only what was declared meanwhile", async () => {
      expect((await stack.preview("--expect-no-changes")).output).toMatch(/~ 1 to update\n\s+2 unchanged/);
    });
  });

  test("a stack with a host that became reachable again moves to the native plugin without changes", async () => {
    stack.isNative = true;
    declare();
    expectSuccess(await stack.up("--expect-no-changes"));
  });

  describe("when one host gets another address", () => {
    /** Runs `up` after a change of the address: it updates the state, and only reads the identity of the host. */
    async function expectAddressUpdate(probes: number): Promise<void> {
      const before = await mdevsOn(far);
      let ended!: Outcome;
      const { sessions } = await sshdCountsDuring(far, async () => (ended = await stack.up()));
      expectSuccess(ended);
      expect(ended.output).toMatch(/~ 1 updated\n\s+2 unchanged/);
      expect(sessions).toBe(probes);
      expect(await mdevsOn(far)).toEqual(before);
    }

    test("a changed address updates the state and only probes the host, by the old and the new address", async () => {
      await relayTo(far);
      declare(relayed());
      await expectAddressUpdate(2);
    });

    test("a changed address updates the state when the old address does not answer any more", async () => {
      const former = relay!;
      relay = await Relay.to(far);
      port = relay.port;
      former.close();
      declare(relayed());
      await expectAddressUpdate(1);
    });
  });

  test("up and destroy fail, preview warns, and nothing changes when another machine answers at the address", async () => {
    await relayTo(near);
    const before = await mdevsOn(near);
    declare(relayed(), { parameters: "frame_rate_limiter=0" });
    for (const [run, fails] of [
      [() => stack.preview(), false],
      [() => stack.up(), true],
      [() => stack.destroy("--target", "urn:pulumi:test::vgpu-test::nvidia-vgpu:index:MdevVgpu::far"), true],
    ] as const) {
      const { code, output } = await run();
      expect(code !== 0, output).toBe(fails);
      expect(output).toContain(
        `another machine answers at this address: product UUID ${near.details.uuid} instead of product UUID ${far.details.uuid}`,
      );
    }
    expect(await mdevsOn(near)).toEqual(before);
    expect(await near.run(`cat /sys/bus/mdev/devices/${uuids.near}/nvidia/vgpu_params`)).not.toContain(
      "frame_rate_limiter",
    );
    expect(await stack.outputsOf("far")).toMatchObject({ uuid: uuids.far });
  });
});
