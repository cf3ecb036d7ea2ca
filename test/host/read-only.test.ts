import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { installedProbe } from "../../provider/probe";
import { LoginServer } from "../ssh/login-server";
import { LocalTestHost, request } from "./local-test-host";

/** What sudo 1.9 prints for a user without rights. */
const refusal = "ops is not in the sudoers file.";

describe("a login that may not become root", () => {
  let dir: string;
  let server: LoginServer;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "read-only-test-"));
    server = await LoginServer.start({
      takes: ["password"],
      password: "in",
      env: { PATH: `${dir}${delimiter}${process.env.PATH}`, PROBE: join(dir, "probe") },
    });
  });
  afterEach(() => {
    LocalTestHost.removeAll();
    server.close();
    rmSync(dir, { recursive: true });
  });

  function program(name: string, text: string): void {
    writeFileSync(join(dir, name), text);
    chmodSync(join(dir, name), 0o755);
  }

  /** A sudo that allows one command, without arguments, and an id that follows it. */
  function sudoAllows(allowed: string): void {
    program("id", `#!/bin/sh\n[ -e ${dir}/root ] && echo 0 || echo 1000`);
    program(
      "sudo",
      `#!/bin/sh
      shift 2
      if [ "$*" = '${allowed}' ]; then touch ${dir}/root; exec "$@"; fi
      echo '${refusal}' >&2
      exit 1`,
    );
  }

  /** The file to install, which finds those programs. */
  const installed = () => installedProbe().replace("PATH=", `PATH=${dir}:`);

  const bench = (more: Partial<Connection> = {}) =>
    new LocalTestHost(
      { host: "127.0.0.1", port: server.port, user: "ops", password: "in", knownHosts: "off", ...more },
      "",
      { installedProbe: join(dir, "probe") },
    );

  it("reads the host without root where sudo refuses, and each change is refused with the words of sudo", async () => {
    sudoAllows("nothing");
    const local = bench();
    const facts = await local.host().facts();
    expect(facts.boot.kernel).not.toBe("");
    expect(facts.system.installedProbe).toBeUndefined();
    expect(server.commands).toHaveLength(2);
    await expect(local.host().ensure(request("it"))).rejects.toThrow(
      /Could not become root with sudo on ops@\S+: this user may not become root \(ops is not in the sudoers file\.\)\./,
    );
    expect(local.has("it")).toBe(false);
  });

  it("does not try sudo where the connection is readOnly, and each change is refused before the host is dialed", async () => {
    sudoAllows("nothing");
    const local = bench({ readOnly: true });
    await local.host().facts();
    expect(server.commands).toHaveLength(1);
    expect(server.commands[0]).not.toContain("sudo");
    local.pool.closeAll();
    server.close();
    await expect(local.host().ensure(request("it"))).rejects.toThrow(
      /^Could not change the host on ops@\S+: its connection is declared readOnly\. Change it by a connection without readOnly\.$/,
    );
  });

  it.each([true, undefined])(
    "reads the host by the installed probe if sudo allows that, with readOnly: %s",
    async (readOnly) => {
      program("probe", installed());
      sudoAllows(join(dir, "probe"));
      const { system } = await bench({ readOnly }).host().facts();
      expect(existsSync(join(dir, "root"))).toBe(true);
      expect(system.installedProbe).toEqual({ version: expect.stringMatching(/^\d/), isCurrent: true });
    },
  );

  it("reads the host without root if there is an installed probe that sudo does not allow", async () => {
    program("probe", installed());
    sudoAllows("nothing");
    const local = bench({ readOnly: true });
    expect((await local.host().facts()).system.installedProbe?.isCurrent).toBe(true);
    expect(existsSync(join(dir, "root"))).toBe(false);
  });

  it("takes the facts of an installed probe of another release, and knows that it is another one", async () => {
    program("probe", installed().replace(/nvidia_vgpu_probe='.*'/, "nvidia_vgpu_probe='0.0.7 0123456789ab'"));
    sudoAllows(join(dir, "probe"));
    const { system } = await bench({ readOnly: true }).host().facts();
    expect(system.installedProbe).toEqual({ version: "0.0.7", isCurrent: false });
  });

  it("names the probe to install where the installed one prints another format", async () => {
    program("probe", installed().replace("nvidia-vgpu-capture 1", "nvidia-vgpu-capture 2"));
    sudoAllows(join(dir, "probe"));
    await expect(bench({ readOnly: true }).host().facts()).rejects.toThrow(
      /^Could not read the state of the host on ops@\S+: A capture of format 2; this version reads format 1\. If \S+ is of another release, install the probe of this one: npx pulumi-nvidia-vgpu probe prints it\.$/,
    );
  });

  it("is an error if the connection has a password that sudo does not accept", async () => {
    program(
      "sudo",
      `#!/bin/sh\nprintf %s "$4" >&2; read -r _; echo 'Sorry, try again.' >&2; printf %s "$4" >&2; read -r _; exit 1`,
    );
    await expect(
      bench({ sudo: { password: "wrong" } })
        .host()
        .facts(),
    ).rejects.toThrow("sudo does not accept the password");
  });
});
