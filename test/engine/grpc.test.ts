import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Json, ProviderError } from "./grpc";
import { Engine, ProviderProcess } from "./grpc";

const uuid = "00000043-1111-4222-8333-000000000043";
const byName = (kind: string) => `exports.handler = () => require("pulumi-nvidia-vgpu/provider").${kind}`;
const onFakeHost = `exports.handler = () => require(${JSON.stringify(join(__dirname, "grpc-host.js"))}).MdevVgpu`;
const urn = "urn:pulumi:prod::acme::pulumi-nodejs:dynamic/nvidia-vgpu:MdevVgpu::cad";
const secret = "hunter2-hunter2";

let engine: Engine;
let provider: ProviderProcess;
beforeEach(async () => {
  engine = await new Engine().listen();
  provider = await new ProviderProcess(engine.address).ready();
}, 60_000);
afterEach(() => {
  provider.stop();
  engine.close();
});

const given = (host: string, more: Json = {}): Json => ({
  connection: { host, password: secret },
  __urn: urn,
  __provider: onFakeHost,
  gpu: "41:00.0",
  type: "A40-4A",
  uuid,
  restoreAtBoot: false,
  ...more,
});
const inputs = async (host: string, more: Json = {}): Promise<Json> =>
  (await provider.check({}, given(host, more))).inputs;
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (error: ProviderError) => error,
  );

describe("the provider, found by its name in the state", () => {
  test.each([
    ["VgpuManagerInstall", { version: "550.163.02" }, { reboot: "never", prerequisites: "install" }],
    ["SriovEnablement", { gpus: "all" }, { onDelete: "keep" }],
    ["MdevVgpu", { gpu: "41:00.0", type: "A40-4Q" }, { gpu: { address: "0000:41:00.0" } }],
    ["VgpuLayout", { gpu: "41:00.0", vgpus: { "A40-4Q": 2 } }, { named: {} }],
  ])("the provider of %s is found by its name, checks and compares", async (kind, args, filled) => {
    const news = {
      connection: { host: "gpu01.example" },
      __urn: urn.replace("MdevVgpu", kind),
      __provider: byName(kind),
      ...args,
    };
    const { inputs: checked, failures } = await provider.check({}, news);
    expect(failures).toEqual([]);
    expect(checked).toMatchObject({ ...filled, __provider: byName(kind), __urn: news.__urn });
    const { changes, replacesList } = await provider.diff("x", { ...checked, pending: [] }, checked);
    // DIFF_NONE
    expect([changes, replacesList]).toEqual([1, []]);
    expect(provider.printed).toBe("");
  });

  test("for an unreachable host create fails, and read keeps the state", async () => {
    const { inputs: checked } = await provider.check(
      {},
      {
        ...given("127.0.0.1"),
        __provider: byName("MdevVgpu"),
        connection: { host: "127.0.0.1", port: 1, dialErrorLimit: 0, knownHosts: "off" },
      },
    );
    expect((await errorOf(provider.create(checked))).message).toMatch(
      /^Could not reach sshd on root@127\.0\.0\.1:1: connection refused/,
    );
    const { id, props } = await provider.read(uuid, { ...checked, schemaVersion: 2, pending: [], appliedAt: "1" });
    expect(id).toBe(uuid);
    expect(props).toMatchObject({
      unreachable: expect.stringContaining("connection refused") as string,
      __provider: byName("MdevVgpu"),
    });
    expect(engine.logged.at(-1)).toMatchObject({ urn, severity: 2, ephemeral: false });
  });

  test("Pulumi's dynamic-provider process runs the text of `__provider` and calls its `handler`", () => {
    const script = readFileSync(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"), "utf8");
    expect(script).toContain("requireFromString(providerString).handler()");
    expect(script).toContain('providerKey = "__provider"');
  });
});

test("create, read, diff, update and delete return what the engine can store", async () => {
  const checked = await inputs("gpu01");
  const { id, outs } = await provider.create(checked);
  expect(id).toBe(uuid);
  expect(outs).toMatchObject({
    __provider: onFakeHost,
    connection: { host: "gpu01", password: secret },
    pending: [],
    schemaVersion: 2,
  });
  const read = await provider.read(id, outs);
  expect(read).toEqual({ id, props: outs, inputs: checked });
  expect((await provider.diff(id, read.props, checked)).changes).toBe(1);
  expect(await provider.update(id, outs, checked)).toEqual(outs);
  expect((await errorOf(provider.delete(id, outs))).message).toContain("Could not remove it on gpu01");
});

test("read returns no id for a vGPU that does not exist any more", async () => {
  const { outs } = await provider.create(await inputs("gpu01"));
  expect(await provider.read(uuid, { ...outs, connection: { host: "empty" } })).toMatchObject({ id: "" });
});

test("a partial failure returns id, reasons and the state with the provider", async () => {
  const { partial } = await errorOf(provider.create(await inputs("partial")));
  expect(partial).toMatchObject({
    id: uuid,
    reasons: ["Could not use [secret] on partial: it broke."],
    properties: { __provider: onFakeHost, uuid, schemaVersion: 2 },
  });
});

test("an error that has an id but is no partial failure is returned as an ordinary error", async () => {
  const error = await errorOf(provider.create(await inputs("broken")));
  expect(error.partial).toBeUndefined();
  expect(error.message).toContain("a mistake");
});

test("nested properties that are undefined are dropped", async () => {
  const checked = await inputs("gpu01", {
    connection: { host: "gpu01", port: null, proxy: { host: "jump", user: null } },
    parameters: null,
  });
  expect(checked.connection).toEqual({ host: "gpu01", proxy: { host: "jump" } });
  expect((await provider.create(checked)).outs).toMatchObject({ connection: checked.connection as object });
});

test("progress reaches the engine before the call ends, on the row of the resource and without secrets", async () => {
  await provider.create(await inputs("gpu01"));
  expect(engine.logged.filter(({ ephemeral }) => ephemeral)).toHaveLength(3);
  expect(engine.logged[0]).toEqual({
    severity: 1,
    urn,
    streamid: 0,
    ephemeral: true,
    message: "[cad@gpu01 0 s] logging in with [secret]",
  });
  await errorOf(provider.create(await inputs("unreachable")));
  await provider.read(uuid, { ...(await inputs("unreachable")), schemaVersion: 2 });
  expect(JSON.stringify(engine.logged) + provider.printed).not.toContain(secret);
});

test("progress is printed when the engine cannot be reached", async () => {
  engine.close();
  await provider.create(await inputs("gpu01"));
  await expect.poll(() => provider.printed).toContain("[cad@gpu01 0 s] logging in with [secret]\n");
});

describe("end of the provider process", () => {
  test("the provider process ends by itself when the engine is gone", async () => {
    await inputs("gpu01");
    provider.child.stdin!.end();
    expect(await provider.end()).toMatchObject({ code: 0 });
  });

  test("the provider process ends at once in the middle of a call when the engine is gone", async () => {
    const checked = await inputs("slow");
    provider.create(checked).catch(() => {});
    await expect.poll(() => engine.logged.length).toBeGreaterThan(0);
    provider.child.stdin!.end();
    expect(await provider.end()).toMatchObject({ code: 0 });
    expect(engine.logged.map(({ message }) => message).join()).not.toContain("at its end");
  });

  test("the provider process neither dies nor spins when its output is not read", async () => {
    const checked = await inputs("slow");
    engine.close();
    provider.child.stdout!.destroy();
    provider.child.stderr!.destroy();
    expect((await provider.create(checked)).id).toBe(uuid);
    const cpu = () =>
      Number(
        readFileSync(`/proc/${provider.child.pid}/stat`, "utf8")
          .split(" ")
          .slice(13, 15)
          .reduce((sum, ticks) => String(Number(sum) + Number(ticks))),
      );
    const before = cpu();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // In hundredths of a second.
    expect(cpu() - before).toBeLessThan(20);
    provider.child.stdin!.end();
    expect(await provider.end()).toMatchObject({ code: 0 });
  });

  test("SIGINT ends the provider process within a second, also with connections in use", async () => {
    const { inputs: checked } = await provider.check(
      {},
      {
        ...given("x"),
        __provider: byName("MdevVgpu"),
        connection: { host: "127.0.0.1", port: 1, dialErrorLimit: 0, knownHosts: "off" },
      },
    );
    await errorOf(provider.create(checked));
    provider.child.kill("SIGINT");
    expect((await provider.end()).ms).toBeLessThan(1000);
  });
});
