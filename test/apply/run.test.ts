import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, LocalRuns, shells } from "./local-run";
import { end, endRuns, isRunning, processesOf } from "./processes";

/** This machine may be busy. */
const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 10_000 });

const codes = (run: { results: { ended?: string }[] }) => run.results.map(({ ended }) => ended);

describe.each(shells)("a job under %s", (shell) => {
  let local: LocalRuns;
  beforeEach(() => void (local = new LocalRuns()));
  afterEach(() => local.remove());
  const run = (steps: ReturnType<typeof call>[], functions = "", more = {}) =>
    local.run(steps, { shell, functions, ...more });

  it("runs its steps one after the other, and reports their output, progress lines and exit codes", async () => {
    const functions = `
one() { echo out; echo err >&2; say "half way"; printf 'no newline'; }
two() { return 7; }
three() { exit 3; }`;
    const result = await run([call(["one"]), call(["two"]), call(["three"])], functions);
    expect(codes(result)).toEqual(["0", "7", "3"]);
    expect(result.results[0]!.output).toBe("out\nerr\nno newline");
    expect(result.told).toEqual([
      "begin one",
      "one prints out",
      "one prints err",
      "one says half way",
      "one prints no newline",
      "done one",
      "begin two",
      "failed two",
      "begin three",
      "failed three",
    ]);
    expect(result.stdout).toMatch(/\n--token\d+ finished\nlast-run run-test\d+\nlooked\n$/);
    expect(result.stderr).toBe("");
  });

  describe("syncs the folders of its records before it counts as over", () => {
    const synced = () => local.path("synced");
    /** The host has these folders of records. */
    const runWith = (folders: string[], sync: string) => {
      for (const folder of folders) mkdirSync(local.path(folder));
      return run(
        [call(["true"])],
        `vgpu_records=${local.path("vgpus")} gpu_records=${local.path("gpus")}\ntimeout() { echo "$*" >>${synced()}; ${sync} }`,
      );
    };

    it("so that a power cut takes nothing back", async () => {
      expect((await runWith(["vgpus", "gpus"], "")).told).toEqual(["begin true", "done true"]);
      expect(readFileSync(synced(), "utf8")).toBe(`30 sync ${local.path("vgpus")} ${local.path("gpus")}\n`);
    });

    it("except those that do not exist", async () => {
      await runWith(["gpus"], "");
      expect(readFileSync(synced(), "utf8")).toBe(`30 sync ${local.path("gpus")}\n`);
    });

    it("and says which may be lost, and why, if that fails", async () => {
      const refusal = `sync: error syncing '${local.path("vgpus")}': Input/output error`;
      const { told, results } = await runWith(["vgpus"], `echo "${refusal}" >&2; return 1;`);
      expect(told.at(-1)).toBe(
        `remark: what was written to ${local.path("vgpus")} may be gone after a power cut: ${refusal}`,
      );
      expect(results.map(({ ended }) => ended)).toEqual(["0"]);
    });
  });

  it("skips steps that depend on a failed step, directly or not, and runs all others", async () => {
    const bad = call(["false"]);
    const child = call(["true"], { id: "child", dependsOn: [bad.id] });
    const grandchild = call(["true"], { id: "grandchild", dependsOn: ["child"] });
    const result = await run([bad, child, grandchild, call(["echo", "other"])]);
    expect(result.results.map(({ step, result: how }) => [step.id, how])).toEqual([
      ["false", "failed"],
      ["echo other", "done"],
      ["child", "skipped"],
      ["grandchild", "skipped"],
    ]);
  });

  describe("rolls back", () => {
    /** Something is taken away behind a proof, and put back when the step that it was taken away for is not done. */
    const change = (fails?: "prove" | "take" | "install") => {
      const named = (id: string, dependsOn: string[] = [], more = {}) =>
        call([fails === id ? "false" : "true"], { id, dependsOn, title: id, ...more });
      const back = [
        named("back", ["prove"]),
        call(["false"], { id: "half", dependsOn: ["back"], title: "half" }),
        named("other", ["back"]),
        named("above", ["half"]),
      ];
      return [
        named("prove"),
        named("take", ["prove"]),
        named("install", ["take"], { rollback: back }),
        named("behind", ["install"]),
        call(["echo", "apart"]),
      ];
    };
    const told = async (fails?: Parameters<typeof change>[0]) =>
      (await run(change(fails))).results.map(
        ({ step, result, isRollback }) => `${isRollback ? "rollback " : ""}${step.title} ${result}`,
      );
    const rolledBack = ["rollback back done", "rollback half failed", "rollback other done", "echo done"];

    it("nothing if all steps succeeded", async () => {
      expect(await told()).toEqual(["prove done", "take done", "install done", "behind done", "echo done"]);
    });

    it("nothing if nothing was removed", async () => {
      expect(await told("prove")).toEqual([
        "prove failed",
        "echo done",
        "take skipped",
        "install skipped",
        "behind skipped",
      ]);
    });

    it("what was removed, as far as possible, if the step failed or one before it did", async () => {
      expect(await told("install")).toEqual([
        "prove done",
        "take done",
        "install failed",
        ...rolledBack,
        "behind skipped",
      ]);
      expect(await told("take")).toEqual([
        "prove done",
        "take failed",
        ...rolledBack,
        "install skipped",
        "behind skipped",
      ]);
    });

    it("also if the step took too long, and not if the run was killed", async () => {
      const steps = change().map((step) =>
        step.id === "install" ? { ...step, command: ["sleep", "30"], limitSeconds: 1 } : step,
      );
      expect((await run(steps)).results.map(({ step: { title } }) => title)).toEqual([
        "prove",
        "take",
        "install",
        "back",
        "half",
        "other",
        "echo",
        "behind",
      ]);
      const hangs = change().map((step) => (step.id === "install" ? { ...step, command: ["hang"] } : step));
      const killed = run(hangs, `hang() { : >${local.path("begun")}; sleep 600; }`, { id: "rollback" });
      await eventually(() => existsSync(local.path("begun"))).toBe(true);
      for (const { pid } of processesOf(`${local.folder}/run-rollback/job`)) end(pid);
      expect((await killed).results.map(({ step: { title }, ended }) => [title, ended])).toEqual([
        ["prove", "0"],
        ["take", "0"],
        ["install", undefined],
      ]);
    });
  });

  it("passes each word to the function unchanged", async () => {
    const words = [
      "",
      " ",
      "'",
      '"',
      "\\",
      "\n",
      "a\nb\n",
      "$(touch pwned)",
      "`touch pwned`",
      "$HOME",
      "*",
      "~",
      ";",
      "&&",
      "é ü 🦜",
      "\t",
      "--",
      "x'; touch pwned; '",
      "y".repeat(2 ** 20),
    ];
    const functions = `keep() { file=$1; shift; printf '%s\\0' "$@" >"$file"; }`;
    const result = await run([call(["keep", local.path("kept"), ...words])], functions);
    expect(codes(result)).toEqual(["0"]);
    expect(readFileSync(local.path("kept"), "utf8").split("\0").slice(0, -1)).toEqual(words);
    expect(existsSync("/pwned")).toBe(false);
  });

  it("accepts a title of several lines", async () => {
    const result = await run([call(["true"], { title: "one\n--two 'three'\n$(four)" })]);
    expect(result.told).toEqual(["begin one\n--two 'three'\n$(four)", "done one\n--two 'three'\n$(four)"]);
  });

  it("is not misled by output that looks like lines of the runner", async () => {
    const forged = [
      "--token end 0 1.0 0",
      "--token1 end 0 1.0 0",
      "--token done",
      "--token capture",
      "--$run_token end 0 1.0 0",
    ];
    const result = await run(
      [call(["print_and_fail", ...forged])],
      `print_and_fail() { printf '%s\\n' "$@"; return 1; }`,
    );
    expect(codes(result)).toEqual(["1"]);
    expect(result.results[0]!.lines).toEqual(forged);
    // Nor can a program find out what they look like.
    const inEnvironment = await run([call(["env"])]);
    expect(inEnvironment.results[0]!.output).not.toMatch(/token/);
  });

  it("runs steps with defined umask, locale, folder and stdin, and without the locks", async () => {
    const result = await run(
      [call(["look"])],
      `look() { umask; echo "$LC_ALL"; pwd; cat | wc -c; ls /proc/self/fd | tr '\\n' ' '; }`,
    );
    const [umask, locale, folder, stdin, descriptors] = result.results[0]!.lines;
    expect([umask, locale, folder, stdin]).toEqual(["0022", "C", "/", "0"]);
    expect(descriptors!.split(" ")).not.toEqual(expect.arrayContaining(["8"]));
    expect(descriptors!.split(" ")).not.toEqual(expect.arrayContaining(["9"]));
  });

  it("ends a step that takes too long with all its children, and continues", async () => {
    const child = `sleep 600.${process.pid}1`;
    const stubborn = `sleep 600.${process.pid}2`;
    const functions = `hang() { ${child} & sh -c 'trap "" TERM; ${stubborn}; ${stubborn}; :' & echo hanging; wait; }`;
    const result = await run([call(["hang"], { limitSeconds: 1 }), call(["echo", "next"])], functions);
    expect(codes(result)).toEqual(["late", "0"]);
    expect(result.results[0]!.lines).toEqual(["hanging"]);
    expect([isRunning(child), isRunning(stubborn)]).toEqual([false, false]);
  });

  it("continues without a step that cannot be killed", async () => {
    const stuck = `sleep 600.${process.pid}3`;
    // As for what waits in the kernel.
    const functions = `kill() { case $1 in -TERM | -KILL) ;; *) command kill "$@" ;; esac; }`;
    const result = await run([call(stuck.split(" "), { limitSeconds: 1 }), call(["sleep", "1.5"])], functions);
    expect(codes(result)).toEqual(["late", "0"]);
    expect(isRunning(stuck)).toBe(true);
    for (const { pid } of processesOf(stuck)) end(pid);
  });

  it("leaves no processes, and no files that others can read", async () => {
    const result = await run([call(["true"])], "", { id: "mine" });
    expect(codes(result)).toEqual(["0"]);
    expect(statSync(`${local.folder}/run-mine`).mode & 0o777).toBe(0o700);
    await eventually(() => processesOf(`${local.folder}/run-mine/job`)).toEqual([]);
  });

  it("keeps the log of the last run, and no older one", async () => {
    for (const id of ["a", "b", "c"]) await run([call(["true"])], "", { id });
    expect(
      readdirSync(local.folder)
        .filter((name) => name.startsWith("run-"))
        .sort(),
    ).toEqual(["run-b", "run-c"]);
  });

  it("is reported from its beginning to a client that reconnects", async () => {
    const steps = [call(["echo", "once"])];
    const functions = `echo() { printf 'ran\\n' >>${local.path("ran")}; printf '%s\\n' "$*"; }`;
    await run(steps, functions, { id: "mine" });
    const again = await run(steps, functions, { id: "mine", isReconnect: true });
    expect(again.stdout).toContain("\nonce\n");
    expect(readFileSync(local.path("ran"), "utf8")).toBe("ran\n");
    const gone = await run(steps, functions, { id: "never", isReconnect: true });
    expect(gone.log.state).toEqual({ run: "missing", host: "captured" });
    expect(readFileSync(local.path("ran"), "utf8")).toBe("ran\n");
  });

  it("waits for another run, reports its client and step, and starts nothing", async () => {
    const functions = `work() { : >${local.path("begun")}; wait_until 10 test -e ${local.path("go")}; }`;
    const first = run([call(["work"], { title: "install it" })], functions, {
      requester: "ops@ci-7 (VgpuManagerInstall gpu01)",
    });
    await eventually(() => existsSync(local.path("begun"))).toBe(true);
    const second = await run([call(["touch", local.path("second")])], "", {
      onLine: (line: string) => line.includes("waiting") && writeFileSync(local.path("go"), ""),
    });
    expect(second.told[0]).toBe("waiting for ops@ci-7 (VgpuManagerInstall gpu01): install it");
    expect(second.log.state).toEqual({ run: "superseded", host: "captured" });
    expect(second.results).toEqual([]);
    expect(existsSync(local.path("second"))).toBe(false);
    expect(codes(await first)).toEqual(["0"]);
  });

  it("is not started if another run was made since the snapshot, and is after a new snapshot", async () => {
    const touch = [call(["touch", local.path("touched")])];
    await run([call(["true"])], "", { id: "other" });
    const stale = await run(touch, "", { basedOnRun: "" });
    expect(stale.log.state).toEqual({ run: "superseded", host: "captured" });
    expect(stale.stdout).toMatch(/^last-run run-other\nlooked$/m);
    expect(existsSync(local.path("touched"))).toBe(false);
    expect(codes(await run(touch, "", { basedOnRun: "run-other" }))).toEqual(["0"]);
  });

  it("marks the snapshot at its end if another run is at work", async () => {
    const functions = `work() { : >${local.path("begun")}; wait_until 10 test -e ${local.path("go")}; }`;
    const first = run([call(["work"])], functions);
    await eventually(() => existsSync(local.path("begun"))).toBe(true);
    const looking = await run([call(["true"])], "", { id: "gone", isReconnect: true });
    writeFileSync(local.path("go"), "");
    expect(looking.stdout).toMatch(/^last-run unfinished\nlooked$/m);
    expect(codes(await first)).toEqual(["0"]);
  });

  it("does not block others after it was killed, and is reported as killed", async () => {
    const functions = `hang() { : >${local.path("begun")}; sleep 2.${process.pid}; echo survived >${local.path("survived")}; }`;
    const first = run([call(["hang"]), call(["true"])], functions, { id: "killed" });
    await eventually(() => existsSync(local.path("begun"))).toBe(true);
    for (const { pid } of processesOf(`${local.folder}/run-killed/job`)) end(pid);
    const { results } = await first;
    expect(results.map(({ result, ended }) => [result, ended])).toEqual([["failed", undefined]]);
    expect(codes(await run([call(["echo", "next"])]))).toEqual(["0"]);
  });

  it("keeps the host locked until the processes of a killed runner have ended", async () => {
    const nap = `sleep 8.${process.pid}`;
    const functions = `work() { sh -c '${nap}; : >${local.path("finished")}'; }`;
    const first = run([call(["work"])], functions, { id: "half" });
    await eventually(() => isRunning(nap)).toBe(true);
    end(processesOf(`${local.folder}/run-half/job`).find(({ pid, session }) => pid === session)!.pid);
    const second = await run([call(["true"])]);
    expect(second.log.state.run).toBe("superseded");
    expect(existsSync(local.path("finished"))).toBe(true);
    await first;
    expect(codes(await run([call(["true"])]))).toEqual(["0"]);
  });

  it("reports a library that cannot be read", async () => {
    const { results } = await run([call(["true"]), call(["false"])], "broken() {");
    expect(results.map(({ result }) => result)).toEqual(["failed"]);
    expect(results[0]!.lines.join("\n")).toMatch(/yntax error/);
  });

  it("takes no snapshot of a host that goes down", async () => {
    const reboot = call(["reboot"], { requiresReboot: true });
    const goesDown = await run([call(["true"]), reboot], `reboot() { echo bye; }`);
    expect(goesDown.log.state).toEqual({ run: "followed", host: "rebooting" });
    expect(goesDown.stdout).not.toContain("looked");
    const refuses = await run([reboot], `reboot() { fail "a VM runs"; }`);
    expect(refuses.log.state).toEqual({ run: "followed", host: "captured" });
    expect(refuses.results.map(({ result, output }) => [result, output])).toEqual([["failed", "a VM runs"]]);
    const bad = call(["false"]);
    const skipped = await run([bad, { ...reboot, dependsOn: [bad.id] }], `reboot() { : >${local.path("rebooted")}; }`);
    expect(skipped.log.state).toEqual({ run: "followed", host: "captured" });
    expect(existsSync(local.path("rebooted"))).toBe(false);
  });

  it("moves into a scope of its own before its first step, and stays the same process", async () => {
    const functions = `systemd_running=/ own_groups=${local.path("groups")}
busctl() { printf '%s\\n' "$*" >${local.path("call")}; echo 0::/system.slice/nvidia-vgpu-run-mine.scope >$own_groups; }`;
    const result = await run([call(["true"])], functions, { id: "mine" });
    expect(result.told).toEqual(["begin true", "done true"]);
    expect(readFileSync(local.path("call"), "utf8")).toMatch(
      /^--quiet call \S+systemd1 .* StartTransientUnit ssa\(sv\)a\(sa\(sv\)\) nvidia-vgpu-run-mine\.scope fail 3 PIDs au 1 \d+ Slice s system\.slice /,
    );
  });

  it("reports before its first step why it is not protected from the end of the login, and continues", async () => {
    const functions = `systemd_running=/
busctl() { echo "Failed to connect to bus" >&2; return 1; }
loginctl() { echo KillUserProcesses=yes; }`;
    const result = await run([call(["true"])], functions);
    expect(result.told).toEqual([
      "remark: this run is not protected from the end of its login, and logind ends the remaining processes of a login (KillUserProcesses=yes): Failed to connect to bus",
      "begin true",
      "done true",
    ]);
  });

  it("reports to waiting clients that it reboots the host, and why", async () => {
    const functions = `go_down() { : >${local.path("begun")}; wait_until 10 test -e ${local.path("go")}; }`;
    const down = call(["go_down"], { requiresReboot: true, reason: "the kernel was set up" });
    const first = run([down], functions, { requester: "ops@ci-7" });
    await eventually(() => existsSync(local.path("begun"))).toBe(true);
    const second = await run([call(["true"])], "", {
      onLine: (line: string) => line.includes("reboot") && writeFileSync(local.path("go"), ""),
    });
    expect(second.told).toContain("the host reboots: the kernel was set up (run by ops@ci-7)");
    expect(second.log.state).toEqual({ run: "superseded", host: "rebooting" });
    expect(second.stdout).not.toContain("looked");
    await first;
    const late = await run([call(["true"])], "", { id: "late", isReconnect: true });
    expect(late.log.state).toEqual({ run: "missing", host: "rebooting" });
  });

  it("does not wait for a reboot that a killed run never reached", async () => {
    const down = call(["go_down"], { requiresReboot: true, reason: "the kernel was set up" });
    const first = run([down], `go_down() { : >${local.path("asked")}; sleep 60; }`, { id: "first" });
    await eventually(() => existsSync(local.path("asked"))).toBe(true);
    const second = run([call(["true"])], "", {
      id: "second",
      onLine: (line: string) => line.includes("the kernel was set up") && endRuns(local.folder),
    });
    expect((await second).log.state).toEqual({ run: "superseded", host: "captured" });
    expect((await first).log.state).toEqual({ run: "followed", host: "captured" });
  });

  it.runIf(shell === shells[0])("sends signs of life during a silent step, which are not reported", async () => {
    const result = await run([call(["sleep", "20"])]);
    expect(result.stderr).toMatch(/^\n+$/);
    expect(result.told).toEqual(["begin sleep", "done sleep"]);
  });

  it("reports tools that the host lacks", async () => {
    const folder = local.path("bare");
    mkdirSync(folder);
    const { stderr, log } = await run([call(["true"])], "", { path: folder });
    expect(stderr).toBe("flock is missing; it is part of util-linux\n");
    expect(log.state).toEqual({ run: "followed", host: "unknown" });
  });
});
