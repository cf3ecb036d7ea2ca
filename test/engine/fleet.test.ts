import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { LabHost } from "../lab";
import { injectFault, sshdCountsDuring, up, whileVmHolds } from "../lab";
import type { Vgpus } from "./declared";
import { connectionTo, typesOn } from "./declared";
import { mdevsOn, uuidsOn } from "./manual-changes";
import type { Outcome } from "./stack";
import { Stack } from "./stack";

describe("a fleet of two hosts under the real CLI", () => {
  let one: LabHost;
  let two: LabHost;
  let stack: Stack;

  const at = (lab: LabHost) => ({ connection: connectionTo(lab, "ops") });
  const cards = (model: string, vgpus: Vgpus) => ({ gpus: { a: { gpu: { model }, vgpus } } });
  const a40 = (vgpus: Vgpus = { "A40-12Q": 2 }) => ({ ...at(one), ...cards("A40", vgpus) });
  const l40s = (vgpus: Vgpus = { "L40S-24Q": 1 }) => ({ ...at(two), ...cards("L40S", vgpus) });
  const write = (fleet: object): void =>
    writeFileSync(join(stack.folder, "fleet.yaml"), stringify({ version: 1, ...fleet }));
  const hosts = (more: object = {}, of: Record<string, object> = { gpu01: a40(), gpu03: l40s() }): void =>
    write({ hosts: of, ...more });
  const expectSuccess = ({ code, output }: Outcome): void => expect(code, output).toBe(0);
  const expectNoChanges = async (): Promise<void> => expectSuccess(await stack.preview("--expect-no-changes"));

  beforeAll(async () => {
    [one, two] = await Promise.all([
      up({ cards: "A40@0000:41", state: "ready" }),
      up({ cards: "L40S@0000:3d", state: "ready", driver: "580.105.06" }),
    ]);
    stack = new Stack("test", join(__dirname, "fleet-program.js"));
  });
  afterAll(async () => {
    stack?.remove();
    await Promise.all([one?.down(), two?.down()]);
  });

  describe("a preview before the first up", () => {
    test("a preview reports all mistakes of a fleet file at once, and registers nothing", async () => {
      hosts({ groups: { g: { hosts: "gpu[03-02]" } } }, { gpu01: { ...a40({ "A40-12Z": 2 }), colour: "red" } });
      const { code, output } = await stack.preview();
      expect(code).not.toBe(0);
      for (const text of ["colour", "A40-12Z", "gpu[03-02]"]) expect(output).toContain(text);
      expect(output).not.toContain("VgpuHost");
      expect(output).not.toContain("    at ");
    });

    test("the first preview inspects both hosts, prints all steps, and changes nothing", async () => {
      hosts();
      const counts = await sshdCountsDuring(one, async () => {
        const ended = await stack.preview();
        expectSuccess(ended);
        expect(ended.output).toMatch(/create 2 × A40-12Q/);
        expect(ended.output).toMatch(/enable the 32 virtual functions of 0000:3d:00\.0 \(NVIDIA L40S\)/);
      });
      expect(counts).toEqual({ connections: 1, sessions: 1 });
      expect(await typesOn(one)).toEqual([]);
      expect(await one.run("cat /sys/bus/pci/devices/0000:41:00.0/sriov_numvfs")).toBe("0\n");
    });
  });

  test("up creates all that is declared, wave by wave, and the next preview finds no changes", async () => {
    hosts({ rollout: { canary: ["gpu03"], batch: 1 } });
    expectSuccess(await stack.up());
    expect(await typesOn(one)).toEqual(["A40-12Q", "A40-12Q"]);
    expect(await typesOn(two)).toHaveLength(1);
    const counts = await sshdCountsDuring(one, expectNoChanges);
    expect(counts).toEqual({ connections: 1, sessions: 1 });
  });

  describe("the same fleet, written in another way", () => {
    test("no changes when hosts become the range of a group with overrides and defaults, in another order and without waves", async () => {
      write({
        defaults: { connection: { user: "ops" }, reboot: "never" },
        groups: {
          all: {
            hosts: "gpu[01,03]",
            ...cards("A40", { "A40-12Q": 2 }),
            overrides: { gpu03: l40s(), gpu01: at(one) },
          },
        },
      });
      await expectNoChanges();
    });

    test("a host added in the middle creates only its own resources", async () => {
      hosts(
        {},
        {
          gpu01: a40(),
          gpu02: { connection: { host: "127.0.0.99", dialErrorLimit: 0, perDialTimeout: 2 }, gpus: {} },
          gpu03: l40s(),
        },
      );
      const { output } = await stack.preview();
      expect(output).toMatch(/\+ 1 to create\n\s+8 unchanged/);
    });
  });

  test("a raised count only adds vGPUs, and the preview reports how many", async () => {
    const before = await mdevsOn(one);
    hosts({}, { gpu01: a40({ "A40-12Q": 4 }), gpu03: l40s() });
    const ended = await stack.pulumi("up", "--yes");
    expectSuccess(ended);
    const [preview] = ended.output.split("Updating (test):");
    expect(preview).toMatch(/create 2 × A40-12Q/);
    expect(preview).toMatch(/~ 1 to update\n\s+7 unchanged/);
    expect(await mdevsOn(one)).toEqual(expect.arrayContaining(before));
    expect(await typesOn(one)).toHaveLength(4);
  });

  test("a failed wave leaves the next wave unchanged, and the next up continues", async () => {
    hosts({ rollout: { canary: ["gpu01"] } }, { gpu01: a40({ "A40-24Q": 2 }), gpu03: l40s({ "L40S-24Q": 2 }) });
    const [used] = await uuidsOn(one);
    await whileVmHolds(one, `/sys/bus/mdev/devices/${used}`, async () => {
      const { code, output } = await stack.pulumi("up", "--yes");
      expect(code, output).not.toBe(0);
      const [preview, update] = output.split("Updating (test):");
      expect(preview).toMatch(/gpu01 blocked: .*is used by/);
      expect(update).toContain("gpu03: waits for the canary gpu01, which is blocked.");
      expect(await typesOn(one)).toHaveLength(4);
      expect(await typesOn(two)).toHaveLength(1);
    });
    expectSuccess(await stack.up());
    expect(await typesOn(one)).toEqual(["A40-24Q", "A40-24Q"]);
    expect(await typesOn(two)).toHaveLength(2);
  });

  describe("maintenance of a host", () => {
    const maintained = () =>
      hosts({}, { gpu01: { ...a40(), maintenance: "DIMM, ticket 4711" }, gpu03: l40s({ "L40S-24Q": 2 }) });

    test("up succeeds while a host in maintenance is off", async () => {
      await injectFault(one, "sshd-stopped");
      maintained();
      expectSuccess(await stack.up());
      await one.agent("systemctl start ssh.service");
    });

    test("a preview does not connect to a host in maintenance, shows the reason, and finds no changes", async () => {
      let ended!: Outcome;
      const counts = await sshdCountsDuring(one, async () => void (ended = await stack.preview("--expect-no-changes")));
      expectSuccess(ended);
      expect(counts).toEqual({ connections: 0, sessions: 0 });
      expect(ended.output).toMatch(/gpu01 in maintenance: DIMM, ticket 4711/);
    });

    test("the first up after maintenance applies the pending changes", async () => {
      hosts({}, { gpu01: a40(), gpu03: l40s({ "L40S-24Q": 2 }) });
      expectSuccess(await stack.up());
      expect(await typesOn(one)).toEqual(["A40-12Q", "A40-12Q"]);
      await expectNoChanges();
    });
  });

  test("a host that is removed from the file keeps its virtual functions and loses only unused vGPUs", async () => {
    const [used] = await uuidsOn(one);
    hosts({}, { gpu03: { ...l40s({ "L40S-24Q": 2 }), protect: true } });
    const ended = await whileVmHolds(one, `/sys/bus/mdev/devices/${used}`, () => stack.up());
    expectSuccess(ended);
    expect(ended.output).toMatch(/stays: .* is used by /);
    expect(await uuidsOn(one)).toEqual([used]);
    expect(await one.run("cat /sys/bus/pci/devices/0000:41:00.0/sriov_numvfs")).toBe("32\n");
    await expectNoChanges();
  });

  test("Pulumi refuses to delete a host that is protected in the file", async () => {
    const { code, output } = await stack.destroy();
    expect(code).not.toBe(0);
    expect(output).toContain("protect");
    expect(await typesOn(two)).toHaveLength(2);
  });
});
