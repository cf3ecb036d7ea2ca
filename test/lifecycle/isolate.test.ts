import { beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../provider/lifecycle/state";
import { BlockedError } from "../../provider/model/errors";
import { SshError } from "../../provider/ssh";
import type { Stage } from "./fake-host";
import { checked, factsOf, stage } from "./fake-host";

const facts = factsOf("lab-t4-a40-a100");
const unreachable = () =>
  new SshError("unreachable", { action: "reach sshd", host: "gpu01", cause: "connection refused" });
const member = { __host: "gpu01", __isolated: true };

let on: Stage;
let inputs: State;
beforeEach(async () => {
  on = stage(structuredClone(facts));
  inputs = await checked(on.driver, "VgpuManagerInstall", "gpu01", { version: "550.163.02", ...member });
});

describe("a resource of a fleet", () => {
  test("of which the host is unreachable is created with the failure as an output, reported, and not thrown", async () => {
    on.host.away = unreachable();
    const { id, outs } = await on.driver.create(inputs);
    expect(id).not.toBe("");
    expect(outs).toMatchObject({ failure: { kind: "unreachable" }, pending: [expect.stringContaining("refused")] });
    expect(on.said).toMatchObject([{ severity: "error", message: expect.stringContaining("connection refused") }]);
    on.host.away = undefined;
    const { props } = await on.driver.read(id, outs);
    expect(props).toMatchObject({ pending: [], version: "550.163.02" });
    expect(props).not.toHaveProperty("failure");
  });

  test("that is blocked keeps the last state, and has a difference", async () => {
    const { id, outs } = await on.driver.create(inputs);
    const other = await checked(on.driver, "VgpuManagerInstall", "gpu01", { version: "535.161.05", ...member });
    on.host.failure = new BlockedError({ action: "install", cause: "another version is installed" });
    const updated = await on.driver.update(id, outs, other);
    expect(updated.outs).toMatchObject({ version: "550.163.02", failure: { kind: "blocked" } });
    expect(await on.driver.diff(id, updated.outs, other)).toMatchObject({ changes: true });
  });

  test("that waits for another host is neither changed nor compared, and is created without a connection", async () => {
    const waiting = { ...inputs, __waitsFor: "the canary gpu00, which failed" };
    const { id, outs } = await on.driver.create(waiting);
    expect(outs).toMatchObject({
      failure: { kind: "waiting", message: "It waits for the canary gpu00, which failed." },
    });
    expect(on.host.asked).toEqual([]);
    expect(await on.driver.diff(id, outs, waiting)).toMatchObject({ changes: false });
    expect(await on.driver.diff(id, outs, inputs)).toMatchObject({ changes: true });
  });
});

test("outside a fleet an unreachable host is thrown", async () => {
  on.host.away = unreachable();
  const alone = await checked(on.driver, "VgpuManagerInstall", "gpu01", { version: "550.163.02" });
  await expect(on.driver.create(alone)).rejects.toThrow("connection refused");
});

test("an unreachable host is reported once for all its resources", async () => {
  const { id, outs } = await on.driver.create(inputs);
  on.said.length = 0;
  on.host.away = unreachable();
  await on.driver.read(id, outs);
  await on.driver.read(id, outs);
  expect(on.said).toMatchObject([{ severity: "warning", message: expect.stringContaining("could not be read") }]);
});

test("a resource in maintenance is deleted without a connection, with a warning", async () => {
  const functions = { gpus: [{ model: "A40" }], onDelete: "disable" };
  const sriov = await checked(on.sriov, "SriovEnablement", "vfs", functions);
  const { id, outs } = await on.sriov.create(sriov);
  on.host.away = unreachable();
  await on.sriov.delete(id, { ...outs, maintenance: "scrapped" });
  expect(on.said.at(-1)).toMatchObject({ severity: "warning", message: expect.stringContaining("leaves the state") });
});
