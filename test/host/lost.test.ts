import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ConnectionPool } from "../../provider/ssh";
import { end, processes } from "../apply/processes";
import { Relay } from "../ssh/relay";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";
import { eventually, LocalTestHost, request } from "./local-test-host";

const slowly = `
slowly() { say "working on $1"; : >"$1.begun"; wait_until 30 test -e "$1.go" || fail "nobody let it go on" || return; echo done >>"$1"; }`;

withSshd("a connection that breaks in the middle of a run", () => {
  let sshd: Sshd;
  let bench: LocalTestHost;
  let relay: Relay;
  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.42")));
  afterAll(() => sshd.remove());
  beforeEach(async () => {
    relay = await Relay.to(sshd);
    bench = new LocalTestHost({ ...sshd.connection, host: "127.0.0.1", port: relay.port, knownHosts: "off" }, slowly);
    bench.planned.it = () => (bench.has("it") ? [] : [bench.step("it", { command: ["slowly", bench.path("it")] })]);
  });
  afterEach(() => {
    relay.close();
    LocalTestHost.removeAll();
  });

  const go = () => writeFileSync(bench.path("it.go"), "");

  it("does not stop the run, and the answer comes over the next connection", async () => {
    const it = request("it");
    const outcome = bench.host().ensure(it);
    await eventually(() => it.lines).toContain(`working on ${bench.path("it")}`);
    relay.cut();
    await eventually(() => relay.connections).toBe(2);
    go();
    expect(await outcome).toMatchObject({ applied: [{ result: "done" }], remaining: { steps: [] } });
    expect((await outcome).failure).toBeUndefined();
    expect(bench.text("it")).toBe("done\n");
    expect(it.lines.filter((line) => !/so far|the connection was lost/.test(line))).toEqual([
      "make it: there is no it",
      `working on ${bench.path("it")}`,
      expect.stringMatching(/^make it: done after/),
    ]);
  });

  it("returns the result of a run that ended meanwhile", async () => {
    const it = request("it");
    const outcome = bench.host().ensure(it);
    await eventually(() => bench.has("it.begun")).toBe(true);
    await sshd.stop();
    relay.cut();
    // Long before a silence of ten seconds would be broken.
    await expect
      .poll(() => it.lines.at(-1), { timeout: 6000 })
      .toMatch(/^the connection was lost \d+ s ago; the run on the host continues$/);
    go();
    await eventually(() => bench.has("it")).toBe(true);
    await sshd.listen();
    expect(await outcome).toMatchObject({ applied: [{ result: "done" }] });
    expect(bench.text("it")).toBe("done\n");
  });

  it("survives that the server's process for it is killed", async () => {
    const outcome = bench.host().ensure(request("it"));
    await eventually(() => bench.has("it.begun")).toBe(true);
    for (const pid of servers(sshd)) end(pid);
    go();
    expect((await outcome).failure).toBeUndefined();
    expect(bench.text("it")).toBe("done\n");
  });

  it("is abandoned when the host is silent although sshd answers, and the answer comes over the next connection", async () => {
    bench.dependencies.silenceSeconds = 3;
    const it = request("it");
    const outcome = bench.host().ensure(it);
    await eventually(() => bench.has("it.begun")).toBe(true);
    const followers = processes()
      .filter(({ parent }) => servers(sshd).includes(parent))
      .map(({ pid }) => pid)
      .filter(pause);
    expect(followers).not.toEqual([]);
    try {
      await eventually(
        () => servers(sshd).flatMap((server) => processes().filter(({ parent }) => parent === server)).length,
      ).toBeGreaterThan(followers.length);
      go();
      expect((await outcome).failure).toBeUndefined();
      expect(bench.text("it")).toBe("done\n");
    } finally {
      for (const pid of followers) end(pid);
    }
  });

  it("is an error when it cannot be restored in time, and the next request finds the run again", async () => {
    bench.dependencies.lostSeconds = 1;
    const outcome = bench.host({ ...bench.connection, dialErrorLimit: 0 }).ensure(request("it"));
    await eventually(() => bench.has("it.begun")).toBe(true);
    await sshd.stop();
    relay.cut();
    const { applied, failure } = await outcome;
    expect(applied.map(({ result }) => result)).toEqual(["failed"]);
    expect(failure!.message).toMatch(
      /Could not follow the run on the host to its end on root@.* Run it again: it waits for the end of that run/,
    );
    await sshd.listen();
    const next = request("it");
    const following = bench.host(bench.connection, new ConnectionPool()).ensure(next);
    await eventually(() => next.lines.join("\n")).toMatch(
      /^waiting for \S+@\S+ \(pid \d+; it\), \d+ s so far: make it$/m,
    );
    go();
    expect(await following).toMatchObject({ applied: [], remaining: { steps: [] } });
    expect(bench.text("it")).toBe("done\n");
  });
});

withSshd("two clients at the same time", () => {
  let sshd: Sshd;
  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.43")));
  afterAll(() => sshd.remove());

  it("do not disturb each other: one waits, reports for which client, and continues from the new state", async () => {
    const bench = new LocalTestHost(sshd.connection, slowly);
    try {
      const slow = () => (bench.has("it") ? [] : [bench.step("it", { command: ["slowly", bench.path("it")] })]);
      bench.planned = {
        it: slow,
        second: () =>
          bench.has("second")
            ? []
            : bench.has("it")
              ? [bench.step("second")]
              : [...slow(), bench.step("second")].map((one) => ({ ...one, requestedBy: ["second"] })),
      };
      const first = bench.host().ensure(request("it"));
      await eventually(() => bench.has("it.begun")).toBe(true);
      const second = request("second");
      const waiting = bench.host(bench.connection, new ConnectionPool()).ensure(second);
      await eventually(() => second.lines.join("\n")).toMatch(/^waiting for .*: make it$/m);
      expect(bench.has("second")).toBe(false);
      writeFileSync(bench.path("it.go"), "");
      expect((await first).failure).toBeUndefined();
      const outcome = await waiting;
      expect(outcome.failure).toBeUndefined();
      // The other has done the first step already.
      expect(outcome.applied.map(({ step }) => step.title)).toEqual(["make second"]);
      expect(bench.text("it")).toBe("done\n");
    } finally {
      LocalTestHost.removeAll();
    }
  });
});

withSshd("a run of another client between the snapshot of a host and our run", () => {
  let sshd: Sshd;
  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.44")));
  afterAll(() => sshd.remove());
  afterEach(() => LocalTestHost.removeAll());

  it("makes the plan outdated: the host is probed again", async () => {
    const bench = new LocalTestHost(
      sshd.connection,
      `make_once() { [ ! -e "$1" ] || fail "it is taken" || return; : >"$1"; }`,
    );
    const plans: (() => void)[] = [
      () => {
        mkdirSync(bench.folder, { recursive: true });
        writeFileSync(`${bench.folder}/lock`, "run-other\n");
      },
    ];
    bench.planned.it = () => {
      const plan = bench.has("it") ? [] : [bench.step("it", { command: ["make_once", bench.path("it")] })];
      if (plans.length) plans.pop()!(), writeFileSync(bench.path("it"), "");
      return plan;
    };
    const outcome = await bench.host().ensure(request("it"));
    expect([outcome.failure?.message, outcome.applied]).toEqual([undefined, []]);
  });
});

/** The processes in which a server talks to its clients. */
const servers = (sshd: Sshd): number[] =>
  processes()
    .filter(({ parent }) => parent === sshd.pid)
    .map(({ pid }) => pid);

/** Pauses a process; false if it has ended meanwhile. */
function pause(pid: number): boolean {
  try {
    return process.kill(pid, "SIGSTOP");
  } catch {
    return false;
  }
}
