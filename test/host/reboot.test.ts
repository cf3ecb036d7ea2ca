import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Step } from "../../provider/plan";
import { endRuns } from "../apply/processes";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";
import { eventually, LocalTestHost, request } from "./local-test-host";

const reboot = `
reboot_when_idle() { say "rebooting"; : >"$1"; }
refuse_to_reboot() { fail "qemu-system-x86 (pid 4711) runs, a virtual machine"; }`;

withSshd("a plan with a reboot", () => {
  let sshd: Sshd;
  let bench: LocalTestHost;
  beforeEach(async () => {
    sshd = await Sshd.start("127.0.0.44");
    const bootIdFile = () => bench.path("boot-id");
    bench = new LocalTestHost(sshd.connection, reboot);
    const { facts } = bench.dependencies;
    bench.dependencies.bootIdFile = bootIdFile();
    bench.dependencies.facts = (capture) => {
      const real = facts(capture);
      return {
        ...real,
        system: { ...real.system, identity: { ...real.system.identity, bootId: bench.text("boot-id") } },
      };
    };
    writeFileSync(bootIdFile(), "first");
    bench.planned.driver = () => [
      ...(bench.has("headers")
        ? []
        : [bench.step("driver", { id: "headers", command: ["make_file", bench.path("headers")] })]),
      ...(bench.text("boot-id") === "second" ? [] : [rebootStep()]),
      ...(bench.has("module")
        ? []
        : [bench.step("driver", { id: "module", command: ["make_file", bench.path("module")] })]),
    ];
  });
  afterEach(async () => {
    LocalTestHost.removeAll();
    await sshd.remove();
  });

  const rebootStep = (): Step =>
    bench.step("driver", {
      id: "reboot",
      title: "reboot",
      command: ["reboot_when_idle", bench.path("rebooted")],
      requiresReboot: true,
    });
  /** The host goes down and comes back: another boot id, an empty /run. */
  async function boot(id: string): Promise<void> {
    await sshd.stop();
    bench.pool.closeAll();
    endRuns(bench.folder);
    rmSync(bench.folder, { recursive: true, force: true });
    writeFileSync(bench.path("boot-id"), id);
    await sshd.listen();
  }

  /** Seen by us, too: what goes down before it was ever looked at is not known to have been begun. */
  async function seenToReboot(driver: { lines: string[] }): Promise<void> {
    await eventually(() => driver.lines).toContain("reboot: there is no driver");
    await eventually(() => bench.has("rebooted")).toBe(true);
  }

  it("runs up to the reboot, waits for the host, and continues with fresh facts", async () => {
    const driver = request("driver");
    const outcome = bench.host().ensure(driver);
    await seenToReboot(driver);
    expect(bench.has("module")).toBe(false);
    await boot("second");
    expect((await outcome).applied.map(({ step, result }) => [step.id, result])).toEqual([
      ["headers", "done"],
      ["reboot", "done"],
      ["module", "done"],
    ]);
    expect(await outcome).toMatchObject({
      remaining: { steps: [] },
      facts: { system: { identity: { bootId: "second" } } },
    });
    expect((await outcome).failure).toBeUndefined();
    expect(driver.lines.join("\n")).toMatch(/is back; waiting for its services/);
  });

  it("takes the end of the connection during the reboot for the reboot", async () => {
    bench.dependencies.library += `\nreboot_when_idle() { : >"$1"; sleep 600; }`;
    const driver = request("driver");
    const outcome = bench.host().ensure(driver);
    await seenToReboot(driver);
    await boot("second");
    expect((await outcome).applied.map(({ step, result }) => [step.id, result])).toEqual([
      ["headers", "done"],
      ["reboot", "done"],
      ["module", "done"],
    ]);
  });

  it("stops if the host is not idle", async () => {
    bench.dependencies.library += `\nreboot_when_idle() { refuse_to_reboot; }`;
    const { applied, failure } = await bench.host().ensure(request("driver"));
    expect(applied.map(({ result }) => result)).toEqual(["done", "failed"]);
    expect(failure!.message).toMatch(
      /Could not reboot the host on .*: qemu-system-x86 \(pid 4711\) runs, a virtual machine\./,
    );
  });

  it("reports how long it waited for a host that does not come back", async () => {
    const driver = request("driver", { rebootSeconds: 2 });
    const outcome = bench.host().ensure(driver);
    await eventually(() => driver.lines.join("\n")).toMatch(/^reboot: done/m);
    await sshd.stop();
    bench.pool.closeAll();
    const { applied, failure } = await outcome;
    expect(applied.map(({ result }) => result)).toEqual(["done", "done"]);
    expect(failure!.message).toMatch(/Could not reach the host after its reboot .*: waited 2 s; .*console/);
    await sshd.listen();
  });

  it("reports the same when the connection was lost before the end of the reboot step", async () => {
    bench.dependencies.library += `\nreboot_when_idle() { : >"$1"; sleep 600; }`;
    const driver = request("driver", { rebootSeconds: 2 });
    const outcome = bench.host().ensure(driver);
    await seenToReboot(driver);
    await sshd.stop();
    bench.pool.closeAll();
    const { failure } = await outcome;
    expect(failure!.message).toMatch(/Could not reach the host after its reboot .*: waited 2 s; .*console/);
    await sshd.listen();
    endRuns(bench.folder);
  });

  it("reports a host that keeps running", async () => {
    const { failure } = await bench.host().ensure(request("driver", { rebootSeconds: 1 }));
    expect(failure!.message).toContain("waited 1 s; the host still runs and has not rebooted");
  });

  it("does not reboot repeatedly for the same reason", async () => {
    bench.planned.driver = () => [rebootStep()];
    const driver = request("driver");
    const outcome = bench.host().ensure(driver);
    await seenToReboot(driver);
    rmSync(bench.path("rebooted"));
    await boot("second");
    expect((await outcome).failure!.message).toMatch(
      /Could not reboot .* the step reported success, but there is no driver/,
    );
    expect(bench.has("rebooted")).toBe(false);
  });

  it("notices that the host was rebooted by others during the run", async () => {
    bench.dependencies.library += `\nhang() { : >"$1"; sleep 600; }`;
    const steps = bench.planned.driver!;
    bench.planned.driver = () =>
      bench.text("boot-id") === "first"
        ? [bench.step("driver", { id: "hang", command: ["hang", bench.path("hangs")] })]
        : steps();
    const driver = request("driver");
    const outcome = bench.host().ensure(driver);
    await eventually(() => driver.lines).toContain("make driver: there is no driver");
    await boot("second");
    const { failure, applied } = await outcome;
    expect([failure, applied.map(({ step }) => step.id)]).toEqual([undefined, ["hang", "headers", "module"]]);
  });
});
