import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../scripts/setup/places.mjs";
import type { Json, ProviderError } from "../engine/grpc";
import { Engine, ProviderProcess } from "../engine/grpc";
import type { Declared } from "../engine/stack";
import { pulumiFolder, Stack } from "../engine/stack";
import { sdks, WithSdk } from "./sdk";

type Versions = Record<string, string>;
const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  peerDependencies: Versions;
  devDependencies: Versions;
};
const byName = (kind: string) => `exports.handler = () => require("pulumi-nvidia-vgpu/provider").${kind}`;
const typeOf = (kind: string) => `pulumi-nodejs:dynamic/nvidia-vgpu:${kind}`;
// How the engine's protocol marks a secret; mocks get a whole property as one.
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
const unreachable = { host: "127.0.0.1", port: 1, dialErrorLimit: 0, knownHosts: "off" };

test("the tests cover the oldest SDK of the range and the one of development", () => {
  expect(about.peerDependencies["@pulumi/pulumi"]).toBe(`>=${sdks[0]!.pulumi} <4`);
  expect(sdks.map(({ pulumi }) => pulumi)).toContain(about.devDependencies["@pulumi/pulumi"]);
});

describe.each(sdks)("with @pulumi/pulumi $pulumi", (sdk) => {
  let at: WithSdk;
  beforeAll(async () => {
    at = await WithSdk.of(sdk);
  });
  afterAll(() => at?.remove());

  test("a program registers each resource with its type and the name of its provider", () => {
    const program = join(dirname(at.modules), "program.js");
    copyFileSync(join(__dirname, "program-with-mocks.js"), program);
    const { node, version, registered } = JSON.parse(execFileSync(at.node, [program], { encoding: "utf8" })) as {
      node: string;
      version: string;
      registered: { type: string; name: string; inputs: Json }[];
    };
    expect([node, version]).toEqual([sdk.node ?? process.versions.node, sdk.pulumi]);
    const kinds = ["VgpuManagerInstall", "SriovEnablement", "VgpuLayout", "MdevVgpu"];
    expect(registered.map(({ type }) => type).sort()).toEqual(kinds.map(typeOf).sort());
    for (const kind of kinds) {
      const { name, inputs } = registered.find(({ type }) => type === typeOf(kind))!;
      expect(inputs).toMatchObject({
        __provider: byName(kind),
        __urn: `urn:pulumi:prod::acme::${typeOf(kind)}::${name}`,
        connection: secret({ host: "gpu01.example", password: "hunter2" }),
      });
    }
  });

  describe("the provider process", () => {
    const uuid = "00000043-1111-4222-8333-000000000043";
    const urn = `urn:pulumi:prod::acme::${typeOf("MdevVgpu")}::cad`;
    let engine: Engine;
    let provider: ProviderProcess;
    beforeAll(async () => {
      engine = await new Engine().listen();
      provider = await new ProviderProcess(engine.address, {}, at).ready();
    });
    afterAll(() => {
      provider?.stop();
      engine?.close();
    });
    const errorOf = (call: Promise<unknown>) =>
      call.then(
        () => {
          throw new Error("the call did not fail");
        },
        (error: ProviderError) => error,
      );
    const args = { gpu: "41:00.0", type: "A40-4A", uuid, restoreAtBoot: false };
    const inputs = async (connection: Json, code: string) =>
      (await provider.check({}, { ...args, connection, __urn: urn, __provider: code })).inputs;

    test.each([
      ["VgpuManagerInstall", { version: "550.163.02" }],
      ["SriovEnablement", { gpus: "all" }],
      ["MdevVgpu", { gpu: "41:00.0", type: "A40-4Q" }],
      ["VgpuLayout", { gpu: "41:00.0", vgpus: { "A40-4Q": 2 } }],
    ])("the provider of %s is found by its name, checks and compares", async (kind, args) => {
      const news = { connection: unreachable, __urn: urn.replace("MdevVgpu", kind), __provider: byName(kind), ...args };
      const { inputs: checked, failures } = await provider.check({}, news);
      expect(failures).toEqual([]);
      expect((await provider.diff("x", { ...checked, pending: [] }, checked)).changes).toBe(1);
      expect((await provider.check({}, { ...news, typo: 1 })).failures).toEqual([
        { property: "", reason: 'Unrecognized key: "typo"' },
      ]);
    });

    test("for an unreachable host create fails, and read keeps the state and warns", async () => {
      const checked = await inputs(unreachable, byName("MdevVgpu"));
      expect((await errorOf(provider.create(checked))).message).toMatch(
        /^Could not reach sshd on root@127\.0\.0\.1:1: connection refused/,
      );
      const { id, props } = await provider.read(uuid, { ...checked, schemaVersion: 2, pending: [], appliedAt: "1" });
      expect([id, props.unreachable]).toEqual([uuid, expect.stringContaining("connection refused")]);
      expect(provider.printed).toBe("");
      expect(engine.logged.at(-1)).toMatchObject({ urn, severity: 2, ephemeral: false });
    });

    test("create, read and update return the whole state, and a partial failure its part", async () => {
      const onFakeHost =
        'exports.handler = () => require("./node_modules/pulumi-nvidia-vgpu/test/engine/grpc-host.js").MdevVgpu';
      const checked = await inputs({ host: "gpu01" }, onFakeHost);
      const { id, outs } = await provider.create(checked);
      expect(outs).toMatchObject({ ...checked, schemaVersion: 2, pending: [], typeId: 570 });
      expect(await provider.read(id, outs)).toEqual({ id, props: outs, inputs: checked });
      expect(await provider.update(id, outs, checked)).toEqual(outs);
      const { partial } = await errorOf(provider.create(await inputs({ host: "partial" }, onFakeHost)));
      expect(partial).toMatchObject({
        id,
        reasons: ["Could not use undefined on partial: it broke."],
        properties: { __provider: onFakeHost, uuid },
      });
    });
  });

  test("under the real CLI an up to an unreachable host fails with the message at the resource", async () => {
    const env = { PATH: `${dirname(at.node)}:${pulumiFolder()}:${process.env.PATH}` };
    const stack = new Stack("test", undefined, { modules: at.modules, env });
    const declared: Declared[] = [
      { kind: "VgpuManagerInstall", name: "driver", connection: unreachable, version: "550.163.02" },
      { kind: "SriovEnablement", name: "functions", on: "driver", gpus: "all" },
    ];
    try {
      stack.declare(declared);
      const { code, output } = await stack.pulumi("up", "--yes");
      expect(output).toMatch(/SriovEnablement functions create/);
      expect(output).toContain(
        `${typeOf("VgpuManagerInstall")} (driver):\n    error: Could not reach sshd on root@127.0.0.1:1: connection refused`,
      );
      expect(output).not.toMatch(/This is a bug|\n\s+at /);
      expect(code).toBe(1);
    } finally {
      stack.remove();
    }
  });
});
