import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionArgs, MdevVgpuArgs, VgpuManagerInstallArgs } from "../../provider";
import { MdevVgpu, SriovEnablement, VgpuLayout, VgpuManagerInstall } from "../../provider";
import * as native from "../../provider/native-sdk";

interface Registered {
  type: string;
  name: string;
  id?: string;
  inputs: Record<string, unknown>;
}

let registered: Registered[] = [];
let outputs: Record<string, unknown> = {};
beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, id, inputs }: pulumi.runtime.MockResourceArgs) {
        registered.push({ type, name, id, inputs: inputs as Record<string, unknown> });
        return { id: id ?? `${name}-id`, state: { ...(inputs as object), appliedAt: "1", pending: [], ...outputs } };
      },
      call: () => ({}),
    },
    "acme",
    "prod",
    false,
  );
});
beforeEach(() => {
  registered = [];
  outputs = {};
});

const connection = { host: "gpu01.example", user: "ops" };
const settled = async (...resources: pulumi.Resource[]) => {
  for (const { urn } of resources) await outputValue(urn);
  await new Promise((resolve) => setTimeout(resolve, 20));
};
const outputValue = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const registeredAs = (name: string) => registered.find((one) => one.name === name)!;

describe("registration", () => {
  test.each([
    ["VgpuManagerInstall", () => new VgpuManagerInstall("x", { connection, version: "550.163.02" })],
    ["SriovEnablement", () => new SriovEnablement("x", { connection, gpus: "all" })],
    ["MdevVgpu", () => new MdevVgpu("x", { connection, gpu: { model: "A40" }, type: "A40-8Q" })],
    ["VgpuLayout", () => new VgpuLayout("x", { connection, gpu: "41:00.0", vgpus: { "A40-8Q": 2 } })],
  ])(
    "%s: its type, its URN, and the provider by its name only; a change of this text breaks every state",
    async (kind, make) => {
      await settled(make());
      const type = `pulumi-nodejs:dynamic/nvidia-vgpu:${kind}`;
      expect(registeredAs("x")).toMatchObject({
        type,
        inputs: {
          connection,
          __urn: `urn:pulumi:prod::acme::${type}::x`,
          __provider: `exports.handler = () => require("pulumi-nvidia-vgpu/provider").${kind}`,
        },
      });
    },
  );

  test("the URN of a child has the types of its parents", async () => {
    const parent = new pulumi.ComponentResource("acme:hosts:Host", "gpu01");
    const child = new MdevVgpu("x", { connection, gpu: "41:00.0", type: "A40-8Q" }, { parent });
    await settled(child);
    expect(registeredAs("x").inputs.__urn).toBe(
      "urn:pulumi:prod::acme::acme:hosts:Host$pulumi-nodejs:dynamic/nvidia-vgpu:MdevVgpu::x",
    );
  });

  test("absent arguments are not registered", async () => {
    await settled(
      new MdevVgpu("x", { connection, gpu: "41:00.0", type: "A40-8Q", uuid: undefined, parameters: undefined }),
    );
    expect(Object.keys(registeredAs("x").inputs).sort()).toEqual(["__provider", "__urn", "connection", "gpu", "type"]);
  });
});

describe("on", () => {
  test("provides connection, order and appliedAt", async () => {
    outputs = { appliedAt: "2026" };
    const driver = new VgpuManagerInstall("driver", { connection, version: "550.163.02" });
    const functions = new SriovEnablement("functions", { on: driver, gpus: "all" });
    const vgpu = new MdevVgpu("vgpu", { on: functions, gpu: "41:00.0", type: "A40-8Q" });
    await settled(vgpu);
    expect(registered.map(({ name }) => name)).toEqual(["driver", "functions", "vgpu"]);
    expect(registeredAs("vgpu").inputs).toMatchObject({ connection, dependencyAppliedAt: "2026" });
    expect(registeredAs("driver").inputs).not.toHaveProperty("dependencyAppliedAt");
  });

  test("is created before", async () => {
    const driver = new VgpuManagerInstall("driver", { connection, version: "550.163.02" });
    const before = new pulumi.ComponentResource("acme:x:Y", "before");
    let dependsOn: unknown;
    const look: pulumi.ResourceTransformation = ({ opts }) => void (dependsOn = opts.dependsOn);
    await settled(
      new SriovEnablement("functions", { on: driver, gpus: "all" }, { dependsOn: before, transformations: [look] }),
    );
    expect(dependsOn).toEqual([before, driver]);
  });

  test("is an alternative to a connection", () => {
    const driver = new VgpuManagerInstall("driver", { connection, version: "550.163.02" });
    const both = () => new SriovEnablement("s", { on: driver, connection, gpus: "all" });
    const none = () => new SriovEnablement("s", { gpus: "all" });
    expect(both).toThrow('SriovEnablement "s": give either connection or on');
    expect(none).toThrow('SriovEnablement "s": give either connection or on');
  });
});

describe("a replacement", () => {
  const optionsOf = async (given: pulumi.CustomResourceOptions) => {
    let options: pulumi.CustomResourceOptions = {};
    const look: pulumi.ResourceTransformation = ({ opts }) => void (options = opts);
    await settled(
      new MdevVgpu("x", { connection, gpu: "41:00.0", type: "A40-8Q" }, { ...given, transformations: [look] }),
    );
    return options;
  };

  test("deletes before it creates, also with --replace, for which no provider is asked", async () => {
    expect(await optionsOf({})).toMatchObject({ deleteBeforeReplace: true });
    expect(await optionsOf({ deleteBeforeReplace: undefined })).toMatchObject({ deleteBeforeReplace: true });
  });

  test("creates before it deletes if the program says so", async () => {
    expect(await optionsOf({ deleteBeforeReplace: false })).toMatchObject({ deleteBeforeReplace: false });
  });
});

test.each([
  ["VgpuManagerInstall", () => new VgpuManagerInstall("x", { connection, version: "550.163.02" }, { import: "x" })],
  ["SriovEnablement", () => new SriovEnablement("x", { connection, gpus: "all" }, { import: "x" })],
  ["MdevVgpu", () => new MdevVgpu("x", { connection, gpu: { model: "A40" }, type: "A40-8Q" }, { import: "x" })],
  ["VgpuLayout", () => new VgpuLayout("x", { connection, gpu: "41:00.0", vgpus: { "A40-8Q": 2 } }, { import: "x" })],
])("%s: the option import is refused with advice, before anything is registered", async (kind, make) => {
  expect(make).toThrow(
    `${kind} "x": the option import is not supported, because Pulumi cannot import dynamic resources. Remove it: up adopts what the ` +
      `host already has, a vGPU by its uuid. To read it without managing it, use ${kind}.get`,
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(registered).toEqual([]);
});

describe("secrets", () => {
  const login = {
    host: "gpu01.example",
    password: "p1",
    sudo: { password: "p2" },
    proxy: { host: "jump", privateKey: "p3", privateKeyPassword: "p4" },
  };
  // What the engine's protocol marks a secret with.
  const marked = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value,
  });

  /** As the engine gets it. */
  const serialized = async (given: pulumi.Input<ConnectionArgs>) => {
    const { markSecrets } = await import("../../provider/resources/connection");
    return pulumi.runtime.serializeProperties("x", { connection: markSecrets(given) });
  };

  test("of the connection are marked at any depth, and nothing else is", async () => {
    const connection = {
      host: "gpu01.example",
      password: marked("p1"),
      sudo: { password: marked("p2") },
      proxy: { host: "jump", privateKey: marked("p3"), privateKeyPassword: marked("p4") },
    };
    expect(await serialized(login)).toEqual({ connection });
    expect(JSON.stringify(await serialized(pulumi.output(login)))).toBe(JSON.stringify({ connection }));
    expect(JSON.stringify(await serialized(Promise.resolve({ ...login, proxy: pulumi.output(login.proxy) })))).toBe(
      JSON.stringify({ connection }),
    );
  });

  test("are marked before registration, also in dependents and outputs", async () => {
    const seen: pulumi.ResourceTransformArgs["props"][] = [];
    const options: pulumi.CustomResourceOptions[] = [];
    const look: pulumi.ResourceTransformation = ({ props, opts }) => {
      seen.push(props as Record<string, unknown>);
      options.push(opts);
      return undefined;
    };
    const driver = new VgpuManagerInstall(
      "driver",
      { connection: login, version: "550.163.02" },
      { transformations: [look] },
    );
    await settled(new SriovEnablement("functions", { on: driver, gpus: "all" }, { transformations: [look] }));
    expect(seen).toHaveLength(2);
    for (const { connection } of seen) {
      expect(await pulumi.runtime.serializeProperties("x", { connection })).toMatchObject({
        connection: { password: marked("p1"), sudo: { password: marked("p2") } },
      });
    }
    expect(options.map(({ additionalSecretOutputs }) => additionalSecretOutputs)).toEqual([
      ["connection"],
      ["connection"],
    ]);
  });

  test("that are already marked stay marked", async () => {
    expect(await serialized({ host: "a", password: pulumi.secret("p") })).toEqual({
      connection: { host: "a", password: marked("p") },
    });
    expect(await serialized(pulumi.secret({ host: "a", port: 22 }))).toEqual({
      connection: marked({ host: "a", port: 22 }),
    });
  });
});

test("get reads by id, and registers no managed resource", async () => {
  const vgpu = MdevVgpu.get("x", "00000001-1111-4222-8333-0000000000aa", { connection });
  await settled(vgpu);
  expect(registeredAs("x")).toMatchObject({ id: "00000001-1111-4222-8333-0000000000aa", inputs: { connection } });
  await settled(
    VgpuManagerInstall.get("d", "d", { connection }),
    SriovEnablement.get("s", "s", { connection }),
    VgpuLayout.get("l", "l", { connection, gpu: "41:00.0" }),
  );
  expect(["d", "s", "l"].map((name) => registeredAs(name).id)).toEqual(["d", "s", "l"]);
});

test.each([
  ["VgpuManagerInstall", native.VgpuManagerInstall],
  ["MigEnablement", native.MigEnablement],
  ["SriovEnablement", native.SriovEnablement],
  ["VgpuLayout", native.VgpuLayout],
  ["MdevVgpu", native.MdevVgpu],
] as const)(
  "%s of the native plugin is registered and read as its own type, without the text of a provider",
  async (kind, Native) => {
    const made: pulumi.Resource[] = [
      new Native("made", { connection, gpu: "41:00.0" } as never),
      Native.get("read", "an-id", { connection, gpu: "41:00.0" }),
    ];
    await settled(...made);
    expect(made.every((one) => one instanceof Native)).toBe(true);
    const type = `nvidia-vgpu:index:${kind}`;
    expect([registeredAs("made"), registeredAs("read")]).toMatchObject([{ type }, { type, id: "an-id" }]);
    expect(registeredAs("made").inputs).not.toHaveProperty("__provider");
  },
);

describe("a host that could not be read", () => {
  afterEach(() => void vi.restoreAllMocks());

  test("is an error, which makes the run fail although its refresh did not", async () => {
    const error = vi.spyOn(pulumi.log, "error").mockResolvedValue();
    outputs = { unreachable: "it is away" };
    const vgpu = new MdevVgpu("x", { connection, gpu: "41:00.0", type: "A40-8Q" });
    await settled(vgpu);
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("could not be read"), vgpu);
    // The process of a program that Pulumi did not start is its user's.
    expect(process.exitCode).toBeUndefined();
  });

  test("of which the refresh succeeded is no error", async () => {
    const error = vi.spyOn(pulumi.log, "error").mockResolvedValue();
    await settled(new MdevVgpu("x", { connection, gpu: "41:00.0", type: "A40-8Q" }));
    expect(error).not.toHaveBeenCalled();
  });
});

test("outputs have the types that a program expects", async () => {
  outputs = { hostdevXml: "<hostdev/>", instances: { cad: { parentAddress: "0000:41:00.4" } } };
  const vgpu = new MdevVgpu("x", { connection, gpu: "41:00.0", type: "A40-8Q" });
  const layout = new VgpuLayout("l", { connection, gpu: "41:00.0" });
  const texts: pulumi.Output<string | undefined>[] = [
    vgpu.hostdevXml,
    layout.instances.apply(({ cad }) => cad?.parentAddress),
  ];
  expect(await Promise.all(texts.map(outputValue))).toEqual(["<hostdev/>", "0000:41:00.4"]);
});

// The compiler is the test.
// biome-ignore lint/suspicious/noExportsInTest: unused otherwise
export const fromCommand = (given: types.input.remote.ConnectionArgs): ConnectionArgs => given;
// biome-ignore lint/suspicious/noExportsInTest: unused otherwise
export const anyInput = (host: pulumi.Output<string>, at: Promise<string>): [MdevVgpuArgs, VgpuManagerInstallArgs] => [
  { connection: { host }, gpu: { address: at }, type: host, virtualFunction: 3 },
  { connection: pulumi.output({ host: "a" }), package: { onHost: host }, iommu: true },
];
// @ts-expect-error a misspelt argument is found by the compiler
// biome-ignore lint/suspicious/noExportsInTest: unused otherwise
export const misspelt: MdevVgpuArgs = { connection, gpu: "41:00.0", typ: "A40-8Q" };
