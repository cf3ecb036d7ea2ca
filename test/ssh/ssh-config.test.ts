import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { endpoint } from "../../provider/ssh/endpoint";
import { configVariable } from "../../provider/ssh/ssh-config";
import { keygen, Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

let home: string;
let printed: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ssh-config-"));
  printed = "";
  vi.stubEnv("HOME", home);
  vi.stubEnv("SSH_AUTH_SOCK", "/agent");
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

function write(text: string, name = "config"): void {
  mkdirSync(dirname(join(home, ".ssh", name)), { recursive: true });
  writeFileSync(join(home, ".ssh", name), text);
}

const found = (connection: Connection) => endpoint(connection);

describe("~/.ssh/config", () => {
  it("gives address, user, port, keys and known hosts of a host", () => {
    write(
      "Host gpu01\n  HostName 10.0.0.1\n  User ops\n  Port 2222\n  IdentityFile ~/.ssh/%r_key\n  UserKnownHostsFile ~/kh1 %d/kh2\n",
    );
    expect(found({ host: "gpu01" })).toMatchObject({
      host: "10.0.0.1",
      user: "ops",
      port: 2222,
      name: "ops@10.0.0.1:2222",
      credentials: { identityFiles: ["~/.ssh/ops_key"], agentSocketPath: "/agent" },
      knownHostsFiles: ["~/kh1", `${home}/kh2`],
    });
  });

  it("comes after the connection's own properties", () => {
    write("Host *\n  User ops\n  Port 2222\n  IdentityFile ~/k\n  UserKnownHostsFile ~/kh\n  ProxyJump bastion\n");
    const own = {
      user: "admin",
      port: 22,
      privateKeyPath: "~/own",
      knownHosts: "off",
      proxy: { host: "jump", user: "j", port: 1 },
    };
    expect(found({ host: "gpu01", ...own })).toMatchObject({
      user: "admin",
      port: 22,
      credentials: { privateKeyPath: "~/own", identityFiles: undefined },
      knownHostsFiles: undefined,
      via: { host: "jump", user: "j", port: 1, via: { host: "bastion", user: "ops", via: undefined } },
    });
  });

  it("has patterns, negation, quotes, other letter case and the first value of each option", () => {
    write(
      'host="gpu*" !gpu09\n  USER first\nHost gpu?1 other\n  user second\n  Port=23\nHost *\n  IdentityFile "~/a key"\n  identityfile ~/b\n',
    );
    expect(found({ host: "gpu01" })).toMatchObject({ user: "first", port: 23 });
    expect(found({ host: "gpu09" })).toMatchObject({ user: "root", port: 22 });
    expect(found({ host: "other" })).toMatchObject({ user: "second" });
    expect(found({ host: "x" }).credentials.identityFiles).toEqual(["~/a key", "~/b"]);
  });

  it("includes files, by patterns too", () => {
    write("Include conf.d/*.conf\nHost gpu01\n  Include extra\n");
    write("Host gpu01\n  User ops\n", "conf.d/a.conf");
    write("Port 24\n", "extra");
    expect(found({ host: "gpu01" })).toMatchObject({ user: "ops", port: 24 });
    expect(found({ host: "gpu02" })).toMatchObject({ user: "root", port: 22 });
  });

  it("gives jump hosts, in order, each with its own settings, and none leads to itself", () => {
    write("Host *.lab\n  ProxyJump ops@first:2201,second\nHost second\n  User two\nHost *\n  ProxyJump first\n");
    expect(found({ host: "gpu01.lab" })).toMatchObject({
      via: { host: "second", user: "two", via: { host: "first", user: "ops", port: 2201, via: undefined } },
    });
    expect(found({ host: "first" }).via).toBeUndefined();
    write("Host gpu01\n  ProxyJump none\nHost *\n  ProxyJump first\n");
    expect(found({ host: "gpu01" }).via).toBeUndefined();
  });

  it("keeps the agent out with IdentitiesOnly, if there is a key file", () => {
    keygen(join(home, "key"), "ed25519");
    write("Host a\n  IdentityFile ~/key\n  IdentitiesOnly yes\nHost b\n  IdentityFile ~/none\n  IdentitiesOnly yes\n");
    expect(found({ host: "a" }).credentials.agentSocketPath).toBeUndefined();
    expect(found({ host: "b" }).credentials.agentSocketPath).toBe("/agent");
  });

  it("reports once what it does not support, and skips it", () => {
    write(
      'Match host gpu01 exec "touch /tmp/owned"\n  User match\nHost gpu01\n  ProxyCommand nc %h %p\n  ServerAliveInterval 5\nMatch all\n  Port 25\n',
    );
    for (let i = 0; i < 2; i++) expect(found({ host: "gpu01" })).toMatchObject({ user: "root", port: 25 });
    const skipped = ["Match host gpu01 exec touch /tmp/owned", "ProxyCommand"];
    expect(printed).toBe(
      skipped
        .map((what) => `~/.ssh/config: ${what} is not supported by pulumi-nvidia-vgpu, and was skipped.\n`)
        .join(""),
    );
  });

  it.each([
    ["host gpu*", true],
    ["host gpu02,gpu*", true],
    ["host 10.0.0.1", false],
    ["originalhost gpu01 user ops", true],
    ["originalhost gpu01 user root", false],
    ["!host gpu02", true],
    ["!host gpu01", false],
    ["host gpu02 exec false", false],
  ])("has Match lines with names and users: %s", (criteria, fits) => {
    write(`Match ${criteria}\n  Port 2222\n`);
    expect(found({ host: "gpu01", user: "ops" }).port).toBe(fits ? 2222 : 22);
    expect(printed).toBe("");
  });

  it("compares host of a Match line with the address that it has named before", () => {
    write("Host gpu01\n  HostName 10.0.0.1\nMatch host 10.0.0.*\n  User lan\n");
    expect(found({ host: "gpu01" }).user).toBe("lan");
  });

  it.each([
    ["ssh -W %h:%p bastion", { host: "bastion", user: "root", port: 22 }],
    [
      "exec /usr/bin/ssh -qA -l ops -p2222 -W [%h]:%p bastion 2>/dev/null",
      { host: "bastion", user: "ops", port: 2222 },
    ],
    ["ssh %r@jump-%h -W %h:%p", { host: "jump-gpu01", user: "admin" }],
  ])("takes a ProxyCommand that only forwards for a jump host: %s", (command, via) => {
    write(`Host gpu01\n  User admin\n  ProxyCommand ${command}\n`);
    expect(found({ host: "gpu01" }).via).toMatchObject(via);
    expect(printed).toBe("");
  });

  it.each([
    "nc -x proxy:1080 %h %p",
    "ssh -W other:22 bastion",
    "ssh -o Foo=1 -W %h:%p b",
    "ssh b nc %h %p",
    "sshpass ssh b",
  ])("takes no other ProxyCommand for a jump host: %s", (command) => {
    write(`Host gpu01\n  ProxyCommand ${command}\n`);
    expect(found({ host: "gpu01" }).via).toBeUndefined();
  });

  it.each([
    ["~/.agent/s.sock", "~/.agent/s.sock"],
    ["none", undefined],
    ["SSH_AUTH_SOCK", "/agent"],
    ["$OTHER_AGENT", "/other"],
  ])("names the agent: %s", (value, socket) => {
    vi.stubEnv("OTHER_AGENT", "/other");
    write(`Host gpu01\n  IdentityAgent ${value}\n`);
    expect(found({ host: "gpu01" }).credentials.agentSocketPath).toBe(socket);
    expect(found({ host: "gpu01", agentSocketPath: "/own" }).credentials.agentSocketPath).toBe("/own");
  });

  it.each(["abc", "0", "65536"])("with a port that is none is a mistake of this machine: %s", (port) => {
    write(`Host gpu01\n  Port ${port}\n`);
    expect(() => found({ host: "gpu01" })).toThrow(`the port of gpu01 is ${port}. Correct it`);
    expect(found({ host: "gpu02" }).port).toBe(22);
  });

  it("cannot weaken the check of host keys, which is reported", () => {
    write("Host *\n  StrictHostKeyChecking no\n");
    found({ host: "gpu01" });
    expect(printed).toContain("StrictHostKeyChecking is not supported");
  });

  it("is another file, or none, by an environment variable", () => {
    write("Host *\n  User ops\n");
    write("Host *\n  User other\n", "second");
    vi.stubEnv(configVariable, "off");
    expect(found({ host: "gpu01" }).user).toBe("root");
    vi.stubEnv(configVariable, "~/.ssh/second");
    expect(found({ host: "gpu01" }).user).toBe("other");
  });

  it("that cannot be read is a mistake of this machine", () => {
    mkdirSync(join(home, ".ssh", "config"), { recursive: true });
    expect(() => found({ host: "gpu01" })).toThrow(
      /Could not read .*config for the login: it cannot be read \(EISDIR\)\. Correct it, or set NVIDIA_VGPU_SSH_CONFIG=off\./,
    );
  });
});

withSshd("a login by ~/.ssh/config", () => {
  it("works by the name of the file", async () => {
    const sshd = await Sshd.start("127.0.0.52");
    const pool = new ConnectionPool();
    try {
      const { user } = sshd.connection;
      writeFileSync(join(home, "kh"), sshd.knownHosts("ed25519"));
      write(
        `Host gpu01\n  HostName ${sshd.address}\n  Port ${sshd.port}\n  User ${user}\n  IdentityFile ~/missing\n  IdentityFile ${sshd.dir}/login\n  UserKnownHostsFile ~/kh\n  IdentitiesOnly yes\n`,
      );
      expect((await new Ssh({ host: "gpu01" }, pool).run("echo in", { as: "login" })).stdout).toBe("in\n");
    } finally {
      pool.closeAll();
      await sshd.remove();
    }
  });
});
