import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Request } from "../../../provider/host";
import { QueuedHost } from "../../../provider/host/queued-host";
import { handlerFor } from "../../../provider/lifecycle/handler";
import { firstInstance } from "../../../provider/lifecycle/instance";
import { driver } from "../../../provider/lifecycle/kinds/driver";
import { layout } from "../../../provider/lifecycle/kinds/layout";
import { sriov } from "../../../provider/lifecycle/kinds/sriov";
import { isKnown } from "../../../provider/model/unknown";
import type { Goal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { hostFacts } from "../../../provider/probe";
import { ConnectionPool } from "../../../provider/ssh";
import { withEightMigGpus } from "../../probe/eight-gpus";
import { captureOf, declared, recordsOf, urnOfBench } from "./declared";
import type { LightHost } from "./light-hosts";
import { LightHosts, lightHostPort, whyNoLightHosts } from "./light-hosts";

const why = whyNoLightHosts();
if (why) console.warn(`\n*** ${why}. The test of light hosts is SKIPPED. ***\n`);

const capture = readFileSync(join(__dirname, "..", "..", "captures", "lab-t4-a40-a100.txt"), "utf8");
const stack = { folder: "/the/stack" };
const kinds = { VgpuManagerInstall: driver, SriovEnablement: sriov, VgpuLayout: layout };

describe.skipIf(why)("light hosts", () => {
  let fleet: LightHosts;
  const pool = new ConnectionPool();
  const factsOf = ({ address }: LightHost) => {
    const { keyPath: privateKeyPath, hostKey } = fleet;
    return new QueuedHost(
      { host: address, port: lightHostPort, user: "root", privateKeyPath, hostKey },
      { pool },
    ).facts();
  };

  beforeAll(() => (fleet = new LightHosts(2, captureOf(), (host) => recordsOf(stack, host))).listen());
  afterAll(async () => {
    pool.closeAll();
    await fleet?.end();
  });

  test("light hosts have the facts of the captured host, and an identity of their own", async () => {
    const captured = hostFacts(capture);
    for (const host of fleet.hosts) {
      const { system, boot, driver, ...rest } = await factsOf(host);
      const { productUuid, machineId } = host;
      expect(system.identity).toEqual({ ...captured.system.identity, productUuid, machineId });
      expect({ driver: driver.loaded, kernel: boot.kernel, gpus: rest.gpus, vgpus: rest.vgpus }).toEqual({
        driver: captured.driver.loaded,
        kernel: captured.boot.kernel,
        gpus: captured.gpus,
        vgpus: captured.vgpus,
      });
    }
    expect(fleet.hosts[0]!.productUuid).not.toBe(fleet.hosts[1]!.productUuid);
  });

  test("light hosts are in sync with the resources that the bench declares", async () => {
    for (const host of fleet.hosts) {
      const facts = await factsOf(host);
      const [record] = isKnown(facts.records) ? facts.records : [];
      const goals: Goal[] = [];
      const ensure = ({ goal }: Request) => Promise.reject(new Error(`not applied: ${goals.push(goal)}`));
      const environment = {
        hostAt: () => ({ facts: async () => facts, lastFacts: () => facts, ensure }),
        sink: async () => undefined,
        ownerOf: () => record!.owner,
        newInstance: firstInstance,
        now: () => new Date(),
      };
      const connection = { host: host.address };
      for (const { kind, name, on: _, ...args } of declared(host, connection)) {
        const handler = handlerFor<never>(kinds[kind as keyof typeof kinds] as never, environment);
        const { inputs } = await handler.check({}, { ...args, connection, __urn: urnOfBench(kind, name) });
        await expect(handler.create(inputs)).rejects.toThrow("not applied");
      }
      expect(plan(facts, goals)).toEqual({ steps: [], blockers: [], notes: [] });
    }
  });

  test("the log of the light hosts' servers has each login", async () => {
    await Promise.all(fleet.hosts.map(factsOf));
    expect(fleet.count(/Accepted publickey/)).toBe(fleet.hosts.length);
  });
});

describe.skipIf(why)("a light host with 8 GPUs in MIG mode", () => {
  let fleet: LightHosts;
  const pool = new ConnectionPool();
  beforeAll(() => (fleet = new LightHosts(1, withEightMigGpus(capture))).listen());
  afterAll(async () => {
    pool.closeAll();
    await fleet?.end();
  });

  test("a refresh of all resources of 8 GPUs in MIG mode takes 1 connection and 1 exec, which is enough to plan them", async () => {
    const [{ address: host }] = fleet.hosts as [LightHost];
    const { keyPath: privateKeyPath, hostKey } = fleet;
    const queued = new QueuedHost({ host, port: lightHostPort, user: "root", privateKeyPath, hostKey }, { pool });
    // Driver, MIG mode, virtual functions, and a layout and two single vGPUs of each GPU.
    const [facts] = await Promise.all(Array.from({ length: 3 + 3 * 8 }, () => queued.facts()));
    const gpus = facts!.gpus.filter(({ mig }) => isKnown(mig) && mig?.current);
    const profiles = gpus.map(({ mig }) => isKnown(mig) && mig && isKnown(mig.instances) && mig.instances.length);
    expect(profiles).toEqual(Array<number>(8).fill(2));
    const enabled = gpus.map(({ address }) => ({ address }));
    const claim = { owner: "me", resource: "MigEnablement mig", instance: "1" };
    const goal: Goal = { kind: "mig", key: "mig", claim, arguments: { enabled, disabled: [], reboot: "never" } };
    expect(plan(facts!, [goal])).toEqual({ steps: [], blockers: [], notes: [] });
    expect([fleet.count(/Accepted publickey/), fleet.count(/Starting session/)]).toEqual([1, 1]);
  });
});
