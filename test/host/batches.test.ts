import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { UserError } from "../../provider/model/errors";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";
import { eventually, LocalTestHost, request } from "./local-test-host";

const keys = (count: number) => Array.from({ length: count }, (_, index) => `vgpu-${index}`);

withSshd("requests that wait for one host", () => {
  let sshd: Sshd;
  let bench: LocalTestHost;
  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.41")));
  afterAll(() => sshd.remove());
  beforeEach(() => void (bench = new LocalTestHost(sshd.connection)));
  afterEach(() => LocalTestHost.removeAll());

  const execs = () => sshd.count(/Starting session/);
  const logins = () => sshd.count(/Accepted publickey/);
  /** What it cost, as the server saw it. */
  async function cost<T>(work: () => Promise<T>): Promise<{ result: T; execs: number; logins: number }> {
    const before = [execs(), logins()] as const;
    const result = await work();
    await bench.settled(execs);
    return { result, execs: execs() - before[0], logins: logins() - before[1] };
  }

  describe("for facts", () => {
    it("are served by one connection and one probe, eight at a time as all at once", async () => {
      const host = bench.host();
      const eight = async () => {
        for (let wave = 0; wave < 16; wave++) await Promise.all(keys(8).map(() => host.facts()));
      };
      expect(await cost(() => Promise.all([eight(), ...keys(128).map(() => host.facts())]))).toMatchObject({
        execs: 1,
        logins: 1,
      });
    });

    it("get newer facts when they ask for them", async () => {
      const host = bench.host();
      await host.facts();
      expect(await cost(() => host.facts({ maxAgeMs: 0 }))).toMatchObject({ execs: 1 });
      expect(await cost(() => host.facts({ maxAgeMs: 10_000 }))).toMatchObject({ execs: 0 });
    });

    it("share one reading in a refresh that takes minutes", async () => {
      const host = bench.host();
      const { result: facts } = await cost(() => host.facts());
      const now = performance.now();
      vi.spyOn(performance, "now").mockImplementation(() => now + 300_000);
      const later = await cost(() => host.facts()).finally(() => vi.restoreAllMocks());
      expect(later).toMatchObject({ result: facts, execs: 0 });
    });

    it("get facts that were read after the last change", async () => {
      const host = bench.host();
      const before = await host.facts();
      await host.ensure(request("a"));
      expect(await cost(() => host.facts())).toMatchObject({ execs: 0 });
      expect(await host.facts()).not.toBe(before);
    });

    it("stop waiting when they are aborted, and others do not", async () => {
      const host = bench.host();
      const control = new AbortController();
      const stopped = host.facts({ signal: control.signal });
      const other = host.facts();
      control.abort(new Error("not needed"));
      await expect(stopped).rejects.toThrow("not needed");
      expect((await other).system.root).toBe(true);
    });

    it("get a clear error when the host cannot be read", async () => {
      const silent = new LocalTestHost(sshd.connection, "", { probe: "echo no /proc here >&2; exit 3" }).host();
      await expect(silent.facts()).rejects.toThrow(
        /Could not read the state of the host on .*: no \/proc here\. Check/,
      );
      await expect(silent.facts()).rejects.toBeInstanceOf(UserError);
    });
  });

  it("are served by one probe and one run", async () => {
    const host = bench.host();
    const { result, ...seen } = await cost(() => Promise.all(keys(128).map((key) => host.ensure(request(key)))));
    expect(keys(128).every((key) => bench.has(key))).toBe(true);
    expect(
      result.map(({ applied, failure, remaining }) => [
        applied.map(({ result: how }) => how),
        failure,
        remaining.steps,
      ]),
    ).toEqual(keys(128).map(() => [["done"], undefined, []]));
    expect(result[3]!.applied[0]!.step.command).toEqual(["make_file", bench.path("vgpu-3")]);
    expect(seen).toEqual({ execs: 2, logins: 1 });
  });

  it("cost one exec a batch in a steady stream", async () => {
    const host = bench.host();
    const { execs: spent } = await cost(async () => {
      const left = keys(128);
      await Promise.all(
        keys(16).map(async () => {
          for (let key = left.pop(); key; key = left.pop()) await host.ensure(request(key));
        }),
      );
    });
    expect(keys(128).every((key) => bench.has(key))).toBe(true);
    expect(spent).toBeLessThanOrEqual(12);
    // Eight batches of sixteen, and the probe before the first.
    expect(spent).toBe(9);
  });

  it("that come while others are served form the next batch", async () => {
    bench = new LocalTestHost(sshd.connection, `hold() { wait_until 40 test -e "$1.go" && : >"$1"; }`);
    bench.planned.first = () =>
      bench.has("first") ? [] : [bench.step("first", { command: ["hold", bench.path("first")] })];
    const host = bench.host();
    const first = request("first");
    const serving = host.ensure(first);
    await eventually(() => first.lines).toContain("make first: there is no first");
    const later = Promise.all(keys(5).map((key) => host.ensure(request(key))));
    writeFileSync(bench.path("first.go"), "");
    await Promise.all([serving, later]);
    expect(bench.plans[0]).toEqual(["first"]);
    expect(bench.plans.slice(1).every((plan) => plan.length === 1 || plan.length === 5)).toBe(true);
  });

  it("need no run when their goals are met, and are never answered with facts that are older than they are", async () => {
    const host = bench.host();
    await host.ensure(request("a"));
    bench.planned.b = () => [];
    const { result, execs: spent } = await cost(() => host.ensure(request("b")));
    expect([result.applied, result.failure, spent]).toEqual([[], undefined, 1]);
  });

  it("fail with their own steps only", async () => {
    bench = new LocalTestHost(sshd.connection, `refuse() { echo trying; fail "write error: Input/output error"; }`);
    bench.planned.bad = () => [bench.step("bad", { command: ["refuse"], device: "0000:41:00.4" })];
    const host = bench.host();
    const [good, bad, other] = await Promise.all(["good", "bad", "other"].map((key) => host.ensure(request(key))));
    expect([good!.failure, other!.failure]).toEqual([undefined, undefined]);
    expect(bad!.applied.map(({ result, output }) => [result, output])).toEqual([
      ["failed", "trying\nwrite error: Input/output error"],
    ]);
    expect(bad!.failure!.message).toBe(
      `Could not make bad on ${host.name} for 0000:41:00.4: write error: Input/output error. Fix that and run it again: completed steps are kept.`,
    );
    expect(bad!.remaining.steps).toHaveLength(1);
  });

  it("fail with the step of another request that their own step depends on", async () => {
    const base = bench.step("base", { command: ["false"] });
    bench.planned = { base: () => [base], above: () => [bench.step("above", { dependsOn: [base.id], id: "above" })] };
    const host = bench.host();
    const [, above] = await Promise.all([host.ensure(request("base")), host.ensure(request("above"))]);
    expect(above!.applied.map(({ result }) => result)).toEqual(["skipped"]);
    expect(above!.failure!.message).toContain("Could not make base on");
    expect(bench.has("above")).toBe(false);
  });

  it("that are blocked run no steps, and the others do", async () => {
    const blocker = (reason: string) => ({
      reason,
      hint: "Shut it down.",
      device: "0000:41:00.0",
      requestedBy: ["held"],
    });
    bench.planned.held = () => ({
      steps: [bench.step("held")],
      blockers: [blocker("VM web-1 uses it"), blocker("VM web-2 uses it.")],
    });
    const host = bench.host();
    const [held, free] = await Promise.all([host.ensure(request("held")), host.ensure(request("free"))]);
    expect(held).toMatchObject({ applied: [], remaining: { steps: [{ title: "make held" }] } });
    expect(held!.failure!.message).toBe(
      `Could not remove the vGPUs on ${host.name} for 0000:41:00.0: VM web-1 uses it; VM web-2 uses it. Shut it down.`,
    );
    expect(free!.failure).toBeUndefined();
    expect([bench.has("held"), bench.has("free")]).toEqual([false, true]);
  });

  it("wait for the end of another run before they count as blocked: the run may be the reason", async () => {
    bench = new LocalTestHost(sshd.connection, `slow() { until [ -e "$1.go" ]; do sleep 0.1; done; : >"$1"; }`);
    bench.planned.slow = () =>
      bench.has("slow") ? [] : [bench.step("slow", { command: ["slow", bench.path("slow")] })];
    const inTheWay = { reason: "sh (pid 7) uses it", hint: "End it.", requestedBy: ["mine"] };
    bench.planned.mine = () =>
      bench.has("slow") ? (bench.has("mine") ? [] : [bench.step("mine")]) : { blockers: [inTheWay] };
    const [slow, mine] = [request("slow"), request("mine")];
    const other = bench.host().ensure(slow);
    await eventually(() => slow.lines.length).toBeGreaterThan(0);
    const outcome = bench.host().ensure(mine);
    await eventually(() => mine.lines.join("\n")).toMatch(/^waiting for .*: make slow$/m);
    writeFileSync(bench.path("slow.go"), "");
    expect((await outcome).failure).toBeUndefined();
    expect((await other).failure).toBeUndefined();
    expect(bench.has("mine")).toBe(true);
  });

  it("continue as long as the plan changes", async () => {
    bench.planned.two = () =>
      bench.has("one-of-two")
        ? bench.has("two")
          ? []
          : [bench.step("two")]
        : [bench.step("two", { command: ["make_file", bench.path("one-of-two")], id: "one-of-two" })];
    const { result, execs: spent } = await cost(() => bench.host().ensure(request("two")));
    expect(result.applied.map(({ step }) => step.command[1])).toEqual([bench.path("one-of-two"), bench.path("two")]);
    expect([result.failure, spent]).toEqual([undefined, 3]);
  });

  it("end when the plan stays the same: exit code 0 of a step proves nothing", async () => {
    bench.planned.never = () => [
      bench.step("never", { command: ["true"], reason: "VFs are off (0 of 32)", device: "0000:41:00.0" }),
    ];
    const { result, execs: spent } = await cost(() => bench.host().ensure(request("never")));
    expect(result.failure!.message).toMatch(
      /Could not make never .* the step reported success, but VFs are off \(0 of 32\)\. Check the kernel's messages \(dmesg\)/,
    );
    expect(spent).toBe(2);
  });

  it("are answered from another probe when the one after the run was interrupted", async () => {
    const half = bench.path("half");
    bench = new LocalTestHost(sshd.connection, `break_look() { : >"${half}"; : >"$1"; }`, {
      probe: `if [ -e ${half} ]; then rm ${half}; echo "nvidia-vgpu-capture 1 $1"; exit; fi\n${bench.dependencies.probe}`,
    });
    bench.planned.a = () => (bench.has("a") ? [] : [bench.step("a", { command: ["break_look", bench.path("a")] })]);
    mkdirSync(dirname(half), { recursive: true });
    const { result, execs: spent } = await cost(() => bench.host().ensure(request("a")));
    expect([result.applied.length, result.failure, spent]).toEqual([1, undefined, 3]);
  });

  it("get the progress of their own steps only", async () => {
    bench = new LocalTestHost(sshd.connection, `talk() { say "half way with $1"; : >"$1"; }`);
    bench.planned.a = () => (bench.has("a") ? [] : [bench.step("a", { command: ["talk", bench.path("a")] })]);
    const host = bench.host();
    const [a, b] = [request("a"), request("b")];
    await Promise.all([host.ensure(a), host.ensure(b)]);
    expect(a.lines).toEqual([
      "make a: there is no a",
      `half way with ${bench.path("a")}`,
      expect.stringMatching(/^make a: done after [\d.]+ s$/),
    ]);
    expect(b.lines).toEqual(["make b: there is no b", expect.stringMatching(/^make b: done after/)]);
  });

  it("stop waiting when they are aborted, and their run continues", async () => {
    bench = new LocalTestHost(sshd.connection, `slow() { sleep 1; : >"$1"; }`);
    bench.planned.slow = () =>
      bench.has("slow") ? [] : [bench.step("slow", { command: ["slow", bench.path("slow")] })];
    const control = new AbortController();
    const slow = request("slow", { signal: control.signal });
    const ended = bench.host().ensure(slow);
    await eventually(() => slow.lines.length).toBeGreaterThan(0);
    control.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
    await eventually(() => bench.has("slow")).toBe(true);
  });

  it("are rejected for another machine, and nothing is changed", async () => {
    const expectedIdentity = { productUuid: "of another machine", machineId: "x" };
    bench = new LocalTestHost(sshd.connection, "", bench.withIdentity({ productUuid: "p-1", machineId: "m-1" }));
    const host = bench.host();
    const [other, same] = await Promise.allSettled([
      host.ensure(request("other", { expectedIdentity })),
      host.ensure(request("same")),
    ]);
    expect(other).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringContaining("another machine answers at this address: product UUID p-1") },
    });
    expect(same.status).toBe("fulfilled");
    expect(bench.has("other")).toBe(false);
  });

  it("report that the machine was reinstalled", async () => {
    bench = new LocalTestHost(sshd.connection, "", bench.withIdentity({ productUuid: "p-1", machineId: "m-2" }));
    const one = request("one", { expectedIdentity: { productUuid: "p-1", machineId: "m-1" } });
    expect((await bench.host().ensure(one)).failure).toBeUndefined();
    expect(one.lines[0]).toContain("reinstalled");
  });

  it("upload the file that a step needs, once", async () => {
    const from = bench.path("package");
    const to = bench.path("folder/on-host");
    writeFileSync(from, "content");
    bench.planned.needs = () =>
      bench.has("copied") ? [] : [bench.step("needs", { command: ["cp", to, bench.path("copied")] })];
    const host = bench.host();
    const one = request("needs", { upload: { from, to } });
    await host.ensure(one);
    expect(bench.text("copied")).toBe("content");
    expect(one.lines).toContain(`uploading package to ${host.name}: 1 of 1 MiB`);
    const { result, execs: spent } = await cost(() =>
      host.ensure(request("other", { upload: { from: "/no/such/file", to } })),
    );
    expect([result.failure, spent]).toEqual([undefined, 1]);
  });

  it("fail alone when their file cannot be uploaded", async () => {
    const to = bench.path("on-host");
    bench.planned.needs = () => [bench.step("needs", { command: ["cp", to, bench.path("copied")] })];
    const host = bench.host();
    const [needs, other] = await Promise.all([
      host.ensure(request("needs", { upload: { from: "/no/such/file", to } })),
      host.ensure(request("other")),
    ]);
    expect(needs).toMatchObject({
      applied: [],
      failure: { message: expect.stringContaining("Could not read the local file for /no/such/file") },
    });
    expect(other!.failure).toBeUndefined();
  });
});
