import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import type { VgpuFleetArgs } from "../../provider/components/vgpu-fleet";
import { VgpuFleet } from "../../provider/components/vgpu-fleet";
import { inputsOf, kinds, program, settled } from "./mocks";

const folder = mkdtempSync(join(tmpdir(), "fleet-"));
const fileWith = (text: string): string => {
  const path = join(folder, "fleet.yaml");
  writeFileSync(path, `version: 1\n${text}`);
  return path;
};
const make = async (args: VgpuFleetArgs) => {
  const fleet = new VgpuFleet("fleet", args);
  await settled();
  return fleet;
};
const secretKey = "4dabf18193072939515e22adb298388d";

beforeEach(() => program(false));

describe("a fleet of a file", () => {
  test("has each host of the file, with merged defaults, groups and overrides", async () => {
    await make({
      file: fileWith(`
defaults: {connection: {user: ops}, reboot: whenIdle}
groups:
  a40:
    hosts: gpu[01-02].example
    driver: {version: 550.163.02}
    gpus: {a: {gpu: {model: A40}, vgpus: {A40-12Q: 4}}}
    overrides: {gpu02.example: {gpus: {a: {vgpus: {A40-24Q: 2}}}}}
hosts:
  t4.example: {gpus: {a: {gpu: {model: T4}}}}
`),
    });
    expect(kinds()).toEqual(
      expect.arrayContaining([
        "VgpuFleet fleet",
        "VgpuHost gpu01.example",
        "VgpuHost gpu02.example",
        "VgpuHost t4.example",
        "VgpuLayout gpu01.example/a",
        "VgpuLayout gpu02.example/a",
        "SriovEnablement t4.example",
      ]),
    );
    expect(kinds()).toHaveLength(11);
    expect(inputsOf("VgpuManagerInstall", "gpu01.example")).toMatchObject({
      connection: { host: "gpu01.example", user: "ops" },
      version: "550.163.02",
      reboot: "whenIdle",
    });
    expect(inputsOf("VgpuLayout", "gpu02.example/a").vgpus).toEqual({ "A40-24Q": 2 });
  });

  test("resolves secret references late, and marks the values", async () => {
    process.env.TEST_FLEET_PASSWORD = "hunter2";
    pulumi.runtime.setAllConfig({ "acme:sudo": "hunter3" }, ["acme:sudo"]);
    await make({
      file: fileWith(
        "hosts: {gpu01: {gpus: {a: {gpu: {model: T4}}}, connection: {password: {env: TEST_FLEET_PASSWORD}, sudo: {password: {config: sudo}}}}}",
      ),
    });
    expect(inputsOf("SriovEnablement", "gpu01").connection).toEqual({
      [secretKey]: "1b47061264138c4ac30d75fd1eb44270",
      value: { host: "gpu01", password: "hunter2", sudo: { password: "hunter3" } },
    });
  });

  test("resolves packages and keys relative to the file, without absolute paths", async () => {
    await make({
      file: fileWith(`
hosts:
  gpu01:
    connection: {privateKeyPath: ./key}
    driver: {package: ./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run}
    gpus: {}
`),
    });
    const { package: source, connection } = inputsOf("VgpuManagerInstall", "gpu01") as {
      package: string;
      connection: { privateKeyPath: string };
    };
    expect(join(process.cwd(), source)).toBe(join(folder, "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run"));
    expect(source).toMatch(/^\.\.\//);
    expect(connection.privateKeyPath).toMatch(/^\.\.\//);
  });

  test("with mistakes ends the program before anything is registered, and lists all", async () => {
    const file = fileWith("colour: red\nhosts: {gpu01: {gpus: {a: {gpu: {model: A40}, vgpus: {A40-12Z: 4}}}}}\n");
    expect(() => new VgpuFleet("fleet", { file })).toThrow(/colour[^]*A40-12Z/);
    await settled();
    expect(kinds()).toEqual([]);
  });
});

test("a fleet has either a file or hosts", () => {
  const say = 'VgpuFleet "fleet": specify either file or hosts';
  expect(() => new VgpuFleet("fleet", {})).toThrow(say);
  expect(() => new VgpuFleet("fleet", { file: "fleet.yaml", hosts: {} })).toThrow(say);
});

test("each host waits for all parts of the wave before it, and for those of no other", async () => {
  const host = (name: string) => ({
    connection: { host: name },
    gpus: { a: { gpu: { model: "A40" }, vgpus: { "A40-12Q": 1 } } },
  });
  const order: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: async ({ type, name, inputs }) => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, name.startsWith("b") ? 60 : 20));
        order.push(`${name} ends`);
        return { id: `${type}-${name}`, state: { ...(inputs as object), appliedAt: "1", instances: {} } };
      },
      call: () => ({}),
    },
    "acme",
    "prod",
    false,
  );
  await make({ hosts: { a: host("a"), b: host("b"), c: host("c") }, rollout: { canary: ["b"], batch: 1 } });
  await expect.poll(() => order).toContain("c/a ends");
  const at = (event: string) => order.lastIndexOf(event);
  expect(order.slice(at("b/a ends")).filter((event) => /^b/.test(event))).toEqual(["b/a ends"]);
  expect(at("a/a begins")).toBeGreaterThan(at("b/a ends"));
  expect(at("c/a begins")).toBeGreaterThan(at("a/a ends"));
});
