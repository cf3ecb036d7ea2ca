import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QueuedHost } from "../../../provider/host/queued-host";
import { hostFacts } from "../../../provider/probe";
import { ConnectionPool } from "../../../provider/ssh";
import type { LightHost } from "./light-hosts";
import { LightHosts, lightHostPort, whyNoLightHosts } from "./light-hosts";

const why = whyNoLightHosts();
if (why) console.warn(`\n*** ${why}. The test of light hosts is SKIPPED. ***\n`);

const capture = readFileSync(join(__dirname, "..", "..", "captures", "lab-t4-a40-a100.txt"), "utf8");

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

  beforeAll(() => (fleet = new LightHosts(2, capture)).listen());
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

  test("the log of the light hosts' servers has each login", async () => {
    await Promise.all(fleet.hosts.map(factsOf));
    expect(fleet.count(/Accepted publickey/)).toBe(fleet.hosts.length);
  });
});
