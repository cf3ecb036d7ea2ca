import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { driver } from "../../../provider/lifecycle/kinds/driver";
import { DriverArguments } from "../../../provider/model/desired/driver";
import type { DriverGoal } from "../../../provider/plan";
import type { Stage } from "../fake-host";
import { checked, factsOf, provider, stage } from "../fake-host";

const folder = mkdtempSync(join(tmpdir(), "package-"));
afterAll(() => rmSync(folder, { recursive: true }));

const name = "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run";
const file = join(folder, name);
const content = "#!/bin/sh\nexit 1\n";
const sha256 = createHash("sha256").update(content).digest("hex");
writeFileSync(file, content);

let on: Stage;
beforeEach(() => {
  on = stage(factsOf("debian-12-a40-mdev"));
});
const inputs = (given: object) => checked(on.driver, "VgpuManagerInstall", "driver", given);

test("rebootTimeout is passed to the host", async () => {
  await on.driver.create(await inputs({ version: "550.163.02", rebootTimeout: 2700 }));
  await on.driver.create(await inputs({ version: "550.163.02" }));
  expect(on.host.asked.map(({ rebootSeconds }) => rebootSeconds)).toEqual([2700, undefined]);
});

describe("a local package", () => {
  test("is uploaded, with size and digest for the checks on the host", async () => {
    await on.driver.create(await inputs({ package: file }));
    expect(on.host.asked[0]!.upload).toEqual({ from: file, to: `/var/lib/nvidia-vgpu/packages/${name}` });
    expect(on.host.asked[0]!.goal).toMatchObject({
      packageOnHost: `/var/lib/nvidia-vgpu/packages/${name}`,
      packageBytes: content.length,
      arguments: { sha256 },
    });
  });

  test("with another digest is an error before the host is contacted", async () => {
    await expect(on.driver.create(await inputs({ package: file, sha256: "0".repeat(64) }))).rejects.toThrow(
      `Could not use the package for ${file}: its sha256 is ${sha256}, and ${"0".repeat(64)} was expected. Download it again, or correct sha256.`,
    );
    expect(on.host.asked).toEqual([]);
  });

  test("that does not exist is an error before the host is contacted", async () => {
    await expect(on.driver.create(await inputs({ package: join(folder, "gone", name) }))).rejects.toThrow(
      `Could not read the package for ${join(folder, "gone", name)}: no such file. A path is relative to the fleet file`,
    );
    expect(on.host.asked).toEqual([]);
  });

  test("in the home directory is found", async () => {
    vi.stubEnv("HOME", folder);
    await on.driver.create(await inputs({ package: `~/${name}` }));
    vi.unstubAllEnvs();
    expect(on.host.asked[0]!.upload).toEqual({ from: file, to: `/var/lib/nvidia-vgpu/packages/${name}` });
    expect(on.host.asked[0]!.goal).toMatchObject({ packageBytes: content.length });
  });

  test("needs the same disk space in a refresh as in a change", async () => {
    const resource = {
      urn: "urn",
      claim: { owner: "me", instance: "1", resource: "VgpuManagerInstall driver" },
      last: {},
    };
    const goal = (source: string) => driver.goal(DriverArguments.parse({ package: source }), resource) as DriverGoal;
    expect(goal(file).packageBytes).toBe(content.length);
    expect(goal(join(folder, "gone", name)).packageBytes).toBeUndefined();
  });

  test("is read neither on refresh nor on delete", async () => {
    const state = {
      ...(await inputs({ package: join(folder, "gone", name) })),
      schemaVersion: 2,
      pending: [],
      appliedAt: "1",
    };
    expect((await on.driver.read("x", state)).props).toMatchObject({ pending: [] });
    await on.driver.delete("x", state);
  });
});

test("a package on the host is not uploaded", async () => {
  await on.driver.create(await inputs({ package: { onHost: `/srv/${name}` } }));
  expect(on.host.asked[0]!.upload).toBeUndefined();
  expect((on.host.asked[0]!.goal as DriverGoal).packageOnHost).toBe(`/srv/${name}`);
});

test("outputs: versions, kernel, GPUs under each of their names", async () => {
  const { outs, id } = await on.driver.create(await inputs({ version: "550.163.02" }));
  expect(id).toBe("gpu01.example/driver");
  expect(outs).toMatchObject({
    loadedVersion: "550.163.02",
    installedVersion: "550.163.02",
    rebootPending: false,
    gpus: [
      {
        address: "0000:41:00.0",
        transformedBdf: "41_00_0",
        libvirtName: "pci_0000_41_00_0",
        pciId: "10de:2235",
        model: "NVIDIA A40",
      },
    ],
  });
});

test("another version on the host is in the returned inputs, and is reported", async () => {
  const { outs } = await on.driver.create(await inputs({ package: file }));
  const { driver, ...facts } = on.host.now;
  const other = factsOf("ubuntu-24.04-l40s-vendor").driver.loaded;
  on.host.now = { ...facts, driver: { ...driver, loaded: other, onDisk: other } };
  const read = await on.driver.read("x", { ...outs, __provider: provider });
  expect(read.inputs).toMatchObject({ version: "570.148.06", package: file });
  expect(on.said.map(({ message }) => message).join()).toContain("570.148.06");
  expect((await on.driver.diff("x", read.props!, await inputs({ package: file }))).changes).toBe(true);
});

test("without a driver the returned inputs have no version", async () => {
  const { outs } = await on.driver.create(await inputs({ version: "550.163.02" }));
  on.host.now = { ...factsOf("debian-12-bare-nouveau"), system: on.host.now.system };
  const { inputs: seen, props } = await on.driver.read("x", outs);
  expect(seen).not.toHaveProperty("version");
  expect(props!.pending).not.toEqual([]);
});
