import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { unknownValue } from "../../provider/lifecycle/parse";
import { connection, factsOf, stage, urnOf } from "./fake-host";

const { driver, sriov, vgpu, layout, host } = stage(factsOf("debian-12-a40-mdev"));
const inputs = { connection, __urn: urnOf("MdevVgpu", "cad"), __provider: "text" };
const reasons = async (checking: Promise<{ failures: { reason: string }[] }>) =>
  (await checking).failures.map(({ reason }) => reason);

test("the placeholder of unknown values is that of the engine", () => {
  expect(unknownValue).toBe(pulumi.runtime.unknownValue);
});

test("check returns inputs with defaults, normalized for comparison", async () => {
  const { inputs: checked, failures } = await driver.check(
    {},
    { ...inputs, package: "./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run" },
  );
  expect(failures).toEqual([]);
  expect(checked).toEqual({
    connection,
    __urn: inputs.__urn,
    package: "./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run",
    version: "550.163.02",
    prerequisites: "install",
    iommu: false,
    reboot: "never",
    onDelete: "keep",
  });
});

test("a plain address becomes a selector", async () => {
  const { inputs: checked } = await sriov.check({}, { ...inputs, gpus: ["41:00.0", { model: "A40", index: 1 }] });
  expect(checked.gpus).toEqual([{ address: "0000:41:00.0" }, { model: "A40", index: 1 }]);
});

test("check does not change its arguments: the engine's adapter reads __provider from them afterwards", async () => {
  const given = { ...inputs, gpu: "41:00.0", type: "A40-4Q", virtualFunction: null };
  const copy = structuredClone(given);
  await vgpu.check({}, given);
  expect(given).toEqual(copy);
});

test("null and undefined count as absent at any depth", async () => {
  const { inputs: checked, failures } = await vgpu.check(
    {},
    {
      ...inputs,
      connection: { ...connection, port: null, user: undefined },
      gpu: { model: "A40", index: null },
      type: "A40-4Q",
      uuid: null,
    },
  );
  expect(failures).toEqual([]);
  expect(checked.connection).toEqual(connection);
  expect(checked.gpu).toEqual({ model: "A40" });
  expect(Object.values(checked)).not.toContain(undefined);
});

test("check connects to no host", () => {
  expect([host.looks, host.asked.length]).toEqual([0, 0]);
});

describe("values that are unknown in a preview pass at any depth", () => {
  test.each([
    ["an address in a selector", { gpu: { address: unknownValue }, type: "A40-4Q" }],
    ["a whole selector", { gpu: unknownValue, type: "A40-4Q" }],
    ["a type", { gpu: "41:00.0", type: unknownValue }],
    ["a VF", { gpu: "41:00.0", type: "A40-4Q", virtualFunction: unknownValue }],
    ["a whole connection", { gpu: "41:00.0", type: "A40-4Q", connection: unknownValue }],
    ["a host", { gpu: "41:00.0", type: "A40-4Q", connection: { host: unknownValue, port: 22 } }],
    [
      "a password of a jump host",
      { gpu: "41:00.0", type: "A40-4Q", connection: { host: "a", proxy: { host: "b", password: unknownValue } } },
    ],
    ["a appliedAt", { gpu: "41:00.0", type: "A40-4Q", dependencyAppliedAt: unknownValue }],
  ])("%s", async (_, given) => {
    const { inputs: checked, failures } = await vgpu.check({}, { ...inputs, ...given });
    expect(failures).toEqual([]);
    expect(JSON.stringify(checked)).toContain(unknownValue);
  });

  test("known properties next to unknown ones are validated, and get defaults", async () => {
    expect(await reasons(vgpu.check({}, { ...inputs, gpu: unknownValue, type: "A40 4Q!", colour: "red" }))).toEqual([
      'type: "A40 4Q!" is not a vGPU type such as A40-4Q',
      'Unrecognized key: "colour"',
    ]);
    const { inputs: checked } = await driver.check(
      {},
      { ...inputs, package: "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run", sha256: unknownValue },
    );
    expect(checked).toMatchObject({ prerequisites: "install", version: "550.163.02", sha256: unknownValue });
  });

  test("unknown values pass within records and lists", async () => {
    const named = { a: { type: unknownValue }, b: unknownValue };
    const { inputs: checked, failures } = await layout.check(
      {},
      { ...inputs, gpu: "41:00.0", vgpus: { "A40-4Q": unknownValue }, named },
    );
    expect(failures).toEqual([]);
    expect(checked.named).toMatchObject({
      a: { type: unknownValue, uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
      b: unknownValue,
    });
    expect((await sriov.check({}, { ...inputs, gpus: ["41:00.0", unknownValue] })).failures).toEqual([]);
  });
});

describe("a mistake is reported with its path, but without property, so that the engine does not print the value", () => {
  test.each([
    [
      "a malformed address",
      sriov,
      { gpus: ["41:00.0", "41:0.0"] },
      'gpus[1]: "41:0.0" is not a PCI address such as 0000:82:00.0',
    ],
    ["an unknown key", vgpu, { gpu: "41:00.0", type: "A40-4Q", uuids: 1 }, 'Unrecognized key: "uuids"'],
    [
      "an unknown key of a selector",
      vgpu,
      { gpu: { model: "A40", indes: 0 }, type: "A40-4Q" },
      'gpu: Unrecognized key: "indes"',
    ],
    ["a property that is missing", vgpu, { gpu: "41:00.0" }, "type: required"],
    [
      "a wrong type",
      vgpu,
      { gpu: "41:00.0", type: "A40-4Q", connection: { host: "a", proxy: { host: "b", port: "x" } } },
      "connection.proxy.port: Invalid input: expected number, received string",
    ],
    [
      "a value of none of the kinds that a property takes",
      sriov,
      { gpus: { model: "A40" } },
      'gpus: Invalid input: expected "all" or array',
    ],
    [
      "a name of a layout",
      layout,
      { gpu: "41:00.0", named: { "a b": { type: "A40-4Q" } } },
      'named["a b"]: a name has letters, digits, dots, dashes and underscores',
    ],
    [
      "two vGPUs on one VF",
      layout,
      {
        gpu: "41:00.0",
        named: { a: { type: "A40-4Q", virtualFunction: 3 }, b: { type: "A40-4Q", virtualFunction: 3 } },
      },
      "named.b.virtualFunction: a has the same",
    ],
    [
      "more than any card carries",
      layout,
      { gpu: "41:00.0", vgpus: { "A40-4Q": 1e6 } },
      'vgpus["A40-4Q"]: Too big: expected number to be <=256',
    ],
    [
      "two keys",
      vgpu,
      { gpu: "41:00.0", type: "A40-4Q", connection: { host: "a", privateKey: "k", privateKeyPath: "p" } },
      "connection.privateKeyPath: privateKey is set too: keep only one of them",
    ],
    [
      "a digest without package",
      driver,
      { version: "550.163.02", sha256: "0".repeat(64) },
      "sha256: it is the digest of a package, but package is not set",
    ],
    [
      "another version than the package's",
      driver,
      { version: "550.54.10", package: "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run" },
      "version: the package contains 550.163.02",
    ],
    [
      "a driver for guests",
      driver,
      { package: "NVIDIA-Linux-x86_64-550.163.02-grid.run" },
      'package: Could not use "NVIDIA-Linux-x86_64-550.163.02-grid.run" as the vGPU Manager package: by its name it is the driver for guests. ' +
        "Use NVIDIA-Linux-x86_64-VERSION-vgpu-kvm.run.",
    ],
    ["neither version nor package", driver, {}, "version: required: set version or package"],
    ["no connection", driver, { connection: null, version: "550.163.02" }, "connection: required"],
  ])("%s", async (_, handler, given, reason) => {
    const { failures } = await handler.check({}, { ...inputs, ...given });
    expect(failures).toEqual([{ property: "", reason }]);
  });

  test("a mistake never shows a secret", async () => {
    const secret = "S3CRET-\u0000value";
    const wrong = {
      host: secret.repeat(2),
      port: secret,
      password: [secret],
      privateKey: { secret },
      privateKeyPassword: 7,
      sudo: { password: [secret] },
    };
    const found = (await vgpu.check({}, { ...inputs, gpu: "41:00.0", type: "A40-4Q", connection: wrong })).failures;
    expect(found.length).toBeGreaterThan(4);
    expect(JSON.stringify(found)).not.toContain("S3CRET");
  });

  test("a malformed URN is refused, because it makes the CLI panic", async () => {
    for (const __urn of ["", "cad", "urn:pulumi:prod::acme::type", "urn:pulumi:prod::acme::a b::name", 5]) {
      expect(
        await reasons(vgpu.check({}, { ...inputs, gpu: "41:00.0", type: "A40-4Q", __urn })),
        String(__urn),
      ).toHaveLength(1);
    }
  });
});

describe("the UUID of a vGPU", () => {
  const given = { ...inputs, gpu: "41:00.0", type: "A40-4Q" };
  const uuid = async (before: object, more: object = {}) =>
    (await vgpu.check({ ...before }, { ...given, ...more })).inputs.uuid;

  test("is derived from the URN: known in preview, and the same each time", async () => {
    expect(await uuid({})).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await uuid({})).toBe(await uuid({}));
    expect(await uuid({}, { __urn: urnOf("MdevVgpu", "cad", "dev") })).not.toBe(await uuid({}));
  });

  test("stays when the resource is renamed", async () => {
    const before = await uuid({});
    expect(await uuid({ uuid: before }, { __urn: urnOf("MdevVgpu", "renamed") })).toBe(before);
  });

  test("is the declared one", async () => {
    expect(
      await uuid({ uuid: "00000043-1111-4222-8333-000000000043" }, { uuid: "AAAAAAAA-1111-4222-8333-000000000001" }),
    ).toBe("aaaaaaaa-1111-4222-8333-000000000001");
    expect(await uuid({ uuid: "00000043-1111-4222-8333-000000000043" }, { uuid: unknownValue })).toBe(unknownValue);
  });

  test("of a named vGPU in a layout is derived from URN and name", async () => {
    const named = async (before: object) =>
      (
        await layout.check(
          { ...before },
          { ...inputs, gpu: "41:00.0", named: { a: { type: "A40-4Q" }, b: { type: "A40-4Q" } } },
        )
      ).inputs.named as Record<string, { uuid: string }>;
    const { a, b } = await named({});
    expect(a!.uuid).not.toBe(b!.uuid);
    expect((await named({ named: { a: { uuid: b!.uuid } } })).a!.uuid).toBe(b!.uuid);
  });
});
