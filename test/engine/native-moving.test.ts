import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LightHosts, lightHostPort, whyNoLightHosts } from "../bench/fleet/light-hosts";
import type { Declared, StateResource } from "./stack";
import { Stack } from "./stack";

const why = whyNoLightHosts();
if (why) console.warn(`\n*** ${why}. The test of moving to the native plugin is SKIPPED. ***\n`);

const capture = readFileSync(join(__dirname, "..", "captures", "lab-t4-a40-a100.txt"), "utf8");

describe.skipIf(why)("a stack that moves from dynamic resources to the native plugin", () => {
  let hosts: LightHosts;
  let declared: Declared[];
  let explicit: Declared[] = [];
  const stack = new Stack();

  beforeAll(async () => {
    hosts = new LightHosts(1, capture);
    await hosts.listen();
    const { keyPath: privateKeyPath, hostKey } = hosts;
    const connection = {
      host: hosts.hosts[0]!.address,
      port: lightHostPort,
      user: "root",
      privateKeyPath,
      hostKey,
      password: "secret:hunter2-hunter2",
    };
    declared = [
      { kind: "VgpuManagerInstall", name: "driver", connection, version: "550.163.02" },
      { kind: "SriovEnablement", name: "vfs", on: "driver", gpus: ["0000:41:00.0"], restoreAtBoot: false },
      // Too many: it is blocked. A resource of a fleet stays in the state with what is pending.
      {
        kind: "VgpuLayout",
        name: "layout",
        on: "vfs",
        gpu: "0000:41:00.0",
        vgpus: { "A40-4Q": 99 },
        restoreAtBoot: false,
        __isolated: true,
      },
    ];
  });
  afterAll(async () => {
    await hosts?.end();
    stack.remove();
  });

  const asNative = () => declared.map((one) => ({ ...one, native: true }));
  test("an up of the same program with the other classes changes nothing, and keeps owners, instances and what is pending", async () => {
    stack.declare(declared);
    await stack.up();
    const before = await stack.state();
    expect(before.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"))).toHaveLength(3);
    const layout = before.find(({ urn }) => urn.endsWith("::layout"))!;
    expect(layout.outputs.pending).not.toEqual([]);

    stack.declare(asNative());
    const preview = await stack.preview("--target", "**driver", "--target", "**vfs", "--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    await stack.up();
    const after = await stack.state();
    expect(after.filter(({ type }) => type.startsWith("nvidia-vgpu:index:"))).toHaveLength(3);
    for (const name of ["driver", "vfs", "layout"]) {
      const [one, other] = [before, after].map((state) => state.find(({ urn }) => urn.endsWith(`::${name}`))!);
      expect(other!.id).toBe(one!.id);
      const { appliedAt, pending, owner, instance } = one!.outputs;
      expect(other!.outputs).toEqual(
        expect.objectContaining({ pending, ...(owner ? { appliedAt, owner, instance } : {}) }),
      );
    }
    expect(stack.stateFile).not.toContain("hunter2");
  });

  test("the resources move to an explicit provider that has their login, and a change in the login is none of the host", async () => {
    const { host, port, ...login } = (declared[0] as unknown as { connection: Record<string, unknown> }).connection;
    const provider: Declared = { kind: "Provider", name: "lab", ...login, hostKey: undefined, native: true };
    const withProvider = asNative().map((one) => ({ ...one, provider: "lab" }));
    const [driver, ...others] = withProvider as [Declared, ...Declared[]];
    const connection = { host, port, hostKey: login.hostKey };
    stack.declare([provider, { ...driver, connection }, ...others]);
    await stack.up();
    const { output } = await stack.pulumi("stack", "export", "--show-secrets");
    const state = (JSON.parse(output) as { deployment: { resources: StateResource[] } }).deployment.resources;
    const lab = state.find(({ urn }) => urn.endsWith("::lab"))!;
    for (const one of state.filter(({ type }) => type.startsWith("nvidia-vgpu:index:"))) {
      expect(one.provider, one.urn).toBe(`${lab.urn}::${lab.id}`);
      // The blocked one keeps the connection by which it was applied.
      if (one.urn.endsWith("::layout")) continue;
      const login = JSON.stringify(one.outputs.connection);
      expect(login, one.urn).toContain(connection.host);
      expect(login, one.urn).not.toMatch(/hunter2|privateKeyPath/);
    }
    expect(stack.stateFile).not.toContain("hunter2");
    declared[0] = { ...declared[0]!, connection };
    explicit = [provider];
  });

  test("a refresh and a preview afterwards find no difference, and destroy keeps what was to be kept", async () => {
    stack.declare([
      ...explicit,
      ...asNative()
        .slice(0, 2)
        .map((one) => ({ ...one, provider: "lab" })),
    ]);
    const up = await stack.up();
    expect(up.code, up.output).toBe(0);
    const refreshed = await stack.pulumi("refresh", "--yes", "--expect-no-changes");
    expect(refreshed.code, refreshed.output).toBe(0);
    const preview = await stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    const destroyed = await stack.destroy();
    expect(destroyed.code, destroyed.output).toBe(0);
  });
});
