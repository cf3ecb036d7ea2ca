import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { sudo } from "../../provider/ssh/sudo";
import { LoginServer } from "./login-server";
import { startCommand } from "./start-command";
import sudoCases from "./sudo-refusals.json";

const markers = { prompt: "password-abc", begun: "begun-abc", opened: "opened-abc" };

describe("sudo on the command line", () => {
  it("never contains the password, nor a text by which its output is recognised", () => {
    expect(sudo("id", undefined, markers)).toBe(`env LC_ALL=C sh -c 'echo begu""n-abc >&2; exec sudo -n -- id'`);
    expect(sudo("id", "open sesame", markers)).toBe(
      `env LC_ALL=C sh -c 'echo begu""n-abc >&2; exec sudo -k -S -p pass""word-abc -- id'`,
    );
  });
});

describe("the output of sudo", () => {
  it.each(sudoCases)("is explained: $what", ({ printed, error }) => {
    const { start } = startCommand({ usesSudo: true, pieces: ["begun-abc\n", ...printed] });
    expect(start.refusal("ended with code 1").message).toBe(
      `Could not become root with sudo on operator@gpu1: ${error}`,
    );
  });

  it("ends with a second prompt after a refusal, since the password can only be wrong", () => {
    const { events } = startCommand({
      usesSudo: true,
      pieces: ["begun-abc\npassword-abc", "Sorry, try again.\npassword-abc"],
    });
    expect(events).toEqual(["prompt", expect.stringContaining("sudo does not accept the password")]);
  });

  it("is separated from the output of the command, for all chunk boundaries", () => {
    const before = "noise without endbegun-abc\nWe trust you have received the usual lecture.\npassword-abc";
    const after = "opened-abc\nown\nopened-abc\npassword-abc\n";
    for (let i = 0; i <= before.length; i++) {
      for (let j = 0; j <= after.length; j++) {
        const pieces = [before.slice(0, i), before.slice(i), after.slice(0, j), after.slice(j)];
        const { own, events } = startCommand({ usesSudo: true, pieces });
        expect({ own, events }).toEqual({ own: "own\nopened-abc\npassword-abc\n", events: ["prompt", "opened"] });
      }
    }
  });
});

describe("commands through sudo", () => {
  let dir: string;
  let server: LoginServer;
  let pool: ConnectionPool;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "sudo-test-"));
    pool = new ConnectionPool();
    const env = { PATH: `${dir}${delimiter}${process.env.PATH}` };
    server = await LoginServer.start({ takes: ["password"], password: "in", env });
  });
  afterEach(() => {
    pool.closeAll();
    server.close();
    rmSync(dir, { recursive: true });
  });

  /** A sudo that talks as the real one does: reads the password byte by byte, asks three times. `isRs`: as sudo-rs does. */
  function install(password: string | undefined, isRs = false): void {
    const ask = `
      tries=0
      while :; do
        printf %s "${isRs ? "[sudo: $prompt] Password: " : "$prompt"}" >&2
        read -r given || exit 1
        [ "$given" = '${password}' ] && break
        tries=$((tries + 1)); [ $tries -lt 3 ] || { echo 'sudo: 3 incorrect password attempts' >&2; exit 1; }
        echo '${isRs ? "sudo: Authentication failed, try again." : "Sorry, try again."}' >&2
      done`;
    writeFileSync(
      join(dir, "sudo"),
      `#!/bin/bash
      while :; do case $1 in -p) prompt=$2; shift 2 ;; -S) stdin=1; shift ;; -[nk]) shift ;; --) shift; break ;; esac; done
      ${password === undefined ? "" : `[ "$stdin" ] || { echo 'sudo: a password is required' >&2; exit 1; }\n${ask}`}
      AS=root exec "$@"`,
    );
    chmodSync(join(dir, "sudo"), 0o755);
  }

  const ssh = (more: Partial<Connection> = {}) =>
    new Ssh(
      { host: "127.0.0.1", port: server.port, user: "operator", password: "in", knownHosts: "off", ...more },
      pool,
    );

  it("run as root without a password", async () => {
    install(undefined);
    const result = { code: 3, stdout: "root\ninput\n", stderr: "own\n" };
    expect(await ssh().run("echo $AS; cat; echo own >&2; exit 3", { input: "input\n" })).toMatchObject(result);
    expect(
      await ssh({ sudo: { password: "not needed" } }).run("echo $AS; cat; echo own >&2; exit 3", { input: "input\n" }),
    ).toMatchObject(result);
  });

  it("run as root with a password, which is visible to no one else", async () => {
    install("open sesame");
    const { stdout, stderr } = await ssh({ sudo: { password: "open sesame" } }).run(
      "echo $AS; cat; cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' '; env",
      { input: "input\n" },
    );
    expect(stdout.startsWith("root\ninput\n")).toBe(true);
    expect(stderr).toBe("");
    expect(stdout.includes("open sesame")).toBe(false);
    expect(server.commands.join().includes("open sesame")).toBe(false);
  });

  it("stop at a wrong password, after one try", async () => {
    install("open sesame");
    await expect(ssh({ sudo: { password: "shut" } }).run("id")).rejects.toMatchObject({ kind: "sudo" });
    await expect(ssh().run("id")).rejects.toThrow("sudo requires a password");
  });

  it("run as root by sudo-rs", async () => {
    install("open sesame", true);
    const result = await ssh({ sudo: { password: "open sesame" } }).run("echo $AS; cat", { input: "input\n" });
    expect(result).toEqual({ code: 0, stdout: "root\ninput\n", stderr: "" });
    await expect(ssh({ sudo: { password: "shut" } }).run("id")).rejects.toThrow(
      "sudo does not accept the password (sudo: Authentication failed, try again.).",
    );
  });

  it("do without sudo where root is not needed", async () => {
    expect((await ssh().run("echo ${AS:-nobody}", { as: "login" })).stdout).toBe("nobody\n");
  });

  it("are stopped by the host when they take too long", async () => {
    install(undefined);
    await expect(ssh().run("sleep 30", { timeoutSeconds: 1, what: "wait" })).rejects.toThrow(
      "it did not end within 1 s",
    );
    expect(server.commands.at(-1)).toContain("sudo -n -- timeout -k 5 1.5 sh -c");
  });
});
