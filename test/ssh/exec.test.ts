import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { Relay } from "./relay";
import { Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

withSshd("commands over a real sshd", () => {
  let sshd: Sshd;
  let pool: ConnectionPool;
  let ssh: Ssh;

  beforeAll(async () => {
    sshd = await Sshd.start("127.0.0.21");
    pool = new ConnectionPool();
    ssh = new Ssh(sshd.connection, pool);
  });
  afterAll(async () => {
    pool.closeAll();
    await sshd.remove();
  });

  const run: Ssh["run"] = (command, options) => ssh.run(command, { as: "login", ...options });
  const isInPs = (text: string) => execFileSync("ps", ["-eo", "args"]).toString().includes(text);

  it("returns the code and both streams", async () => {
    expect(await run("echo out; echo err >&2; exit 7")).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
  });

  it("passes the words of a command unchanged", async () => {
    const words = ["a b", "'", "$HOME", "", "\n", "é", "*"];
    expect((await run(["printf", "<%s>", ...words])).stdout).toBe(words.map((word) => `<${word}>`).join(""));
    expect((await run(["sh", "-c", "exit 3"])).code).toBe(3);
    expect((await run(["no-such-program"])).code).toBe(127);
  });

  it("names the signal that ended a command", async () => {
    expect(await run("kill -KILL $$")).toMatchObject({ code: null, signal: "SIGKILL" });
  });

  it("run a script of 1 MB, and one that ends in a comment or a here-document", async () => {
    const long = `x='${"y".repeat(2 ** 20)}'\necho \${#x}`;
    expect((await run(long)).stdout).toBe(`${2 ** 20}\n`);
    expect((await run("echo a # b")).stdout).toBe("a\n");
    expect((await run("cat <<'END'\na $b\nEND")).stdout).toBe("a $b\n");
    expect((await run("if")).code).not.toBe(0);
  });

  it("pass the whole input to the script", async () => {
    const input = "q'\"$x\n".repeat(100_000);
    const { stdout } = await run("wc -c; echo end", { input });
    expect(stdout).toBe(`${input.length}\nend\n`);
    expect((await run("cat")).stdout).toBe("");
  });

  it("shows neither script nor input in ps, nor in sshd's log", async () => {
    const secret = "s3cret-marker";
    const running = run(`token='${secret}-script'; echo ready; cat > /dev/null; sleep 0.5`, {
      input: `${secret}-input`,
      onLine: () => expect(isInPs(secret)).toBe(false),
    });
    expect((await running).code).toBe(0);
    expect(sshd.log).not.toContain(secret);
  });

  it("passes lines on as they are received", async () => {
    const seen: [string, string, number][] = [];
    const started = Date.now();
    await run("printf 'one\\r\\nt'; sleep 0.5; printf 'wo\\n'; echo err >&2; printf 'é'", {
      onLine: (line, stream) => seen.push([stream, line, Date.now() - started]),
    });
    expect(seen.map(([stream, line]) => `${stream} ${line}`).sort()).toEqual([
      "stderr err",
      "stdout one",
      "stdout two",
      "stdout é",
    ]);
    expect(seen[1]![2] - seen[0]![2]).toBeGreaterThan(300);
  });

  it("does not break a character that is received in two chunks", async () => {
    expect((await run("printf '\\303'; sleep 0.2; printf '\\251'")).stdout).toBe("é");
  });

  it("stops a command that prints too much", async () => {
    const endless = run("echo $$; while :; do echo xxxxxxxxxxxxxxxxxxxxxxxx; done", {
      maxBytes: 100_000,
      what: "read everything",
    });
    await expect(endless).rejects.toMatchObject({ kind: "limit" });
    await expect(endless).rejects.toThrow("Could not read everything on");
  });

  it("stops a command that takes too long, and the process on the host with it", async () => {
    const marker = `sleep 31.${process.pid}`;
    await expect(run(`${marker}; echo end`, { timeoutSeconds: 2, what: "wait" })).rejects.toThrow(
      "it did not end within 2 s",
    );
    await expect.poll(() => isInPs(marker), { timeout: 5000 }).toBe(false);
  });

  it("stops when it is aborted", async () => {
    const reason = new Error("not needed any more");
    const control = new AbortController();
    const running = run("sleep 30", { signal: control.signal });
    setTimeout(() => control.abort(reason), 200);
    await expect(running).rejects.toBe(reason);
    await expect(run("echo never", { signal: control.signal })).rejects.toBe(reason);
  });

  it("fails when the input fails", async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from("x");
      throw new Error("the file is gone");
    }
    await expect(run("cat", { input: broken() })).rejects.toThrow("the file is gone");
  });

  it("does not start a script that was not received completely", async () => {
    const relay = await Relay.to(sshd);
    const marker = `${sshd.dir}/started`;
    const through = new Ssh({ ...sshd.connection, host: "127.0.0.1", port: relay.port, knownHosts: "off" }, pool);
    try {
      await through.run("true", { as: "login" });
      relay.cutAfter(100_000);
      const script = `touch ${marker}\n: '${"x".repeat(1_000_000)}'`;
      await expect(through.run(script, { as: "login" })).rejects.toMatchObject({ kind: "lost" });
      expect((await run(`sleep 0.3; test -e ${marker}`)).code).toBe(1);
    } finally {
      relay.close();
    }
  });
});
