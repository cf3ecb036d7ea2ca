import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { endpoint } from "../../provider/ssh/endpoint";
import { SudoPrompt, sudo } from "../../provider/ssh/sudo";
import { LoginServer } from "./login-server";

const words = { prompt: "password-abc", opened: "root-abc" };

describe("sudo on the command line", () => {
  it("never contains the password", () => {
    expect(sudo("id", undefined, words)).toBe("env LC_ALL=C sudo -n -- id");
    expect(sudo("id", "open sesame", words)).toBe("env LC_ALL=C sudo -k -S -p password-abc -- id");
  });
});

/** What sudo 1.9.13 on Debian 12 said over ssh, but for the last three, which are from its sources and from systemd's ways. */
const refusals: [string, string, string[], string][] = [
  [
    "no password configured",
    "",
    ["sudo: a password is required\n"],
    "sudo requires a password (sudo: a password is required). Set connection.sudo.password, or allow operator to run everything without one (NOPASSWD).",
  ],
  [
    "a wrong password",
    "",
    ["password-abc", "Sorry, try again.\npassword-abc"],
    "sudo does not accept the password (Sorry, try again.). Correct connection.sudo.password.",
  ],
  [
    "a wrong password, one try",
    "",
    ["password-abc", "sudo: 1 incorrect password attempt\n"],
    "sudo does not accept the password (sudo: 1 incorrect password attempt).",
  ],
  [
    "not in sudoers",
    "",
    ["password-abc", "operator is not in the sudoers file.\n"],
    "this user may not become root (operator is not in the sudoers file.). Allow operator in sudoers, or log in as another user.",
  ],
  [
    "requiretty",
    "",
    ["sudo: sorry, you must have a tty to run sudo\n"],
    'sudo requires a terminal (sudo: sorry, you must have a tty to run sudo). Put "Defaults:operator !requiretty" into a file of /etc/sudoers.d.',
  ],
  [
    "a shell that lets nobody in",
    "This account is currently not available.\n",
    [""],
    "This account is currently not available. Run sudo -v as that user",
  ],
  ["nothing said", "", [""], "sudo printed nothing."],
  [
    "some commands only",
    "",
    ["Sorry, user operator is not allowed to execute '/usr/bin/sh -c ...' as root on gpu1.\n"],
    "this user may not become root",
  ],
  ["no sudo", "", ["env: 'sudo': No such file or directory\n"], "sudo is not installed"],
  [
    "an expired account",
    "",
    ["sudo: account validation failure, is your account locked?\n"],
    "the user's password or account has expired",
  ],
];

describe("the output of sudo", () => {
  function talk(pieces: string[]) {
    const events: string[] = [];
    const at = endpoint({ host: "gpu1", user: "operator" });
    const dialogue = new SudoPrompt(at, words, {
      prompt: () => events.push("prompt"),
      opened: () => events.push("opened"),
      refused: (error) => events.push(error.message),
    });
    const own = pieces.map((piece) => dialogue.read(piece)).join("");
    return { dialogue, events, own };
  }

  it.each(refusals)("is explained: %s", (_what, stdout, stderr, sentence) => {
    const { dialogue } = talk(stderr);
    expect(dialogue.refusal(stdout).message).toContain(`Could not become root with sudo on operator@gpu1: ${sentence}`);
  });

  it("ends with a second prompt, since the password can only be wrong", () => {
    const { events } = talk(["password-abc", "Sorry, try again.\npassword-abc"]);
    expect(events).toEqual(["prompt", expect.stringContaining("sudo does not accept the password")]);
  });

  it("is separated from the output of the command, for all chunk boundaries", () => {
    const before = "We trust you have received the usual lecture.\npassword-abc";
    const after = "root-abc\nown\nroot-abc\npassword-abc\n";
    for (let i = 0; i <= before.length; i++) {
      for (let j = 0; j <= after.length; j++) {
        const { own, events } = talk([before.slice(0, i), before.slice(i), after.slice(0, j), after.slice(j)]);
        expect({ own, events }).toEqual({ own: "own\nroot-abc\npassword-abc\n", events: ["prompt", "opened"] });
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

  /** A sudo that talks as the real one does: reads the password byte by byte, asks three times. */
  function install(password: string | undefined): void {
    const ask = `
      tries=0
      while :; do
        printf %s "$prompt" >&2
        read -r given || exit 1
        [ "$given" = '${password}' ] && break
        tries=$((tries + 1)); [ $tries -lt 3 ] || { echo 'sudo: 3 incorrect password attempts' >&2; exit 1; }
        echo 'Sorry, try again.' >&2
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
