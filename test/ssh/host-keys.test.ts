import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { otherEd25519 } from "./known-hosts.samples";
import { Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

withSshd("host keys of a real sshd", () => {
  let sshd: Sshd;
  let home: string;
  let pool: ConnectionPool;

  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.22", { hostKeys: ["ed25519", "rsa", "ecdsa"] })));
  afterAll(() => sshd.remove());
  beforeEach(() => {
    pool = new ConnectionPool();
    home = mkdtempSync(join(tmpdir(), "home-"));
    vi.stubEnv("HOME", home);
  });
  afterEach(() => {
    pool.closeAll();
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });

  /** Everything of the login but the host key. */
  const trusting = (hostKeys: Pick<Connection, "hostKey" | "knownHosts">): Connection => ({
    ...sshd.connection,
    knownHosts: undefined,
    ...hostKeys,
  });
  const connect = (hostKeys: Pick<Connection, "hostKey" | "knownHosts">) =>
    new Ssh(trusting(hostKeys), pool).run("echo in", { as: "login" });
  const name = () => `[${sshd.address}]:${sshd.port}`;
  const userFile = () => join(home, ".ssh", "known_hosts");

  function writeUserFile(text: string): void {
    mkdirSync(join(home, ".ssh"), { mode: 0o700 });
    writeFileSync(userFile(), text);
  }

  it("are refused when they are unknown", async () => {
    const logins = sshd.count(/Accepted publickey/);
    await expect(connect({})).rejects.toMatchObject({ kind: "hostKey" });
    await expect(connect({})).rejects.toThrow(
      /shows ssh-ed25519 SHA256:\S+, and no known_hosts line names this host.*ssh-keyscan -p \d+ 127\.0\.0\.22/,
    );
    expect(sshd.count(/Accepted publickey/)).toBe(logins);
  });

  it("are found in ~/.ssh/known_hosts, hashed", async () => {
    writeUserFile(sshd.knownHosts("ed25519"));
    execFileSync("ssh-keygen", ["-q", "-H", "-f", userFile()], { stdio: "ignore" });
    expect(readFileSync(userFile(), "utf8")).toMatch(/^\|1\|/);
    expect((await connect({})).stdout).toBe("in\n");
  });

  it("are found in a file or a text given as knownHosts", async () => {
    writeFileSync(join(home, "hosts"), sshd.knownHosts("ed25519"));
    expect((await connect({ knownHosts: "~/hosts" })).stdout).toBe("in\n");
    expect((await connect({ knownHosts: sshd.knownHosts("ed25519") })).stdout).toBe("in\n");
    await expect(connect({ knownHosts: "~/nowhere" })).rejects.toThrow("there is no file ~/nowhere");
    await expect(connect({ knownHosts: "some\ntext" })).rejects.toThrow("no line of the text is a host key");
  });

  it.each(["ed25519", "rsa", "ecdsa"])("are requested with the known type: %s", async (type) => {
    expect((await connect({ knownHosts: sshd.knownHosts(type) })).stdout).toBe("in\n");
    expect((await connect({ hostKey: sshd.hostKey(type) })).stdout).toBe("in\n");
  });

  it("are refused when another key is known", async () => {
    await expect(connect({ knownHosts: `${name()} ${otherEd25519}` })).rejects.toThrow(
      /knownHosts:1 has another key for this host. Either this is another machine/,
    );
  });

  it("are refused when they are revoked", async () => {
    await expect(
      connect({ knownHosts: `${sshd.knownHosts("ed25519")}@revoked * ${sshd.hostKey("ed25519")}` }),
    ).rejects.toThrow("knownHosts:2 marks as @revoked");
  });

  it("are an error when only a certificate is trusted", async () => {
    await expect(connect({ knownHosts: `@cert-authority * ${otherEd25519}` })).rejects.toThrow(
      "knownHosts:1 trusts this host by certificate (@cert-authority), and host certificates are not supported yet",
    );
  });

  it.each(["ed25519", "rsa", "ecdsa"])("are found by the fingerprint of any key of the server: %s", async (type) => {
    const fingerprint = execFileSync("ssh-keygen", ["-lf", join(sshd.dir, `host_${type}.pub`)], {
      encoding: "utf8",
    }).split(" ")[1]!;
    expect((await connect({ hostKey: fingerprint })).stdout).toBe("in\n");
  });

  it("are refused, and all reported, when the fingerprint fits none of them", async () => {
    const logins = sshd.count(/Accepted publickey/);
    await expect(connect({ hostKey: `SHA256:${"A".repeat(43)}` })).rejects.toThrow(
      /the server shows ssh-ed25519 SHA256:\S+ and ecdsa-sha2-nistp256 SHA256:\S+ and ssh-rsa SHA256:\S+, and hostKey pins SHA256:A+\. Either this is another machine/,
    );
    expect(sshd.count(/Accepted publickey/)).toBe(logins);
  });

  it("can be pinned, by key or fingerprint", async () => {
    const print = execFileSync("ssh-keygen", ["-lf", join(sshd.dir, "host_ed25519.pub")])
      .toString()
      .split(" ")[1]!;
    expect((await connect({ hostKey: print })).stdout).toBe("in\n");
    expect((await connect({ hostKey: sshd.hostKey("ed25519") })).stdout).toBe("in\n");
    await expect(connect({ hostKey: otherEd25519 })).rejects.toThrow(
      /the server shows ssh-ed25519 SHA256:\S+, and hostKey pins SHA256:/,
    );
    await expect(connect({ hostKey: "nonsense" })).rejects.toThrow(
      "neither a public key line nor a SHA256: fingerprint",
    );
  });

  it("are saved the first time with accept-new, and no other is accepted later", async () => {
    writeUserFile("# no line break at the end");
    expect((await connect({ knownHosts: "accept-new" })).stdout).toBe("in\n");
    expect(readFileSync(userFile(), "utf8")).toBe(
      `# no line break at the end\n${sshd.knownHosts("ed25519").replace(/ [^ ]*@.*/, "")}`,
    );
    pool.closeAll();
    expect((await connect({ knownHosts: "accept-new" })).stdout).toBe("in\n");
    expect(readFileSync(userFile(), "utf8").split("\n")).toHaveLength(3);

    writeFileSync(userFile(), `${name()} ${otherEd25519}\n`);
    pool.closeAll();
    await expect(connect({ knownHosts: "accept-new" })).rejects.toThrow("known_hosts:1 has another key for this host");
  });

  it("are saved by accept-new in a file that only its owner can read", async () => {
    await connect({ knownHosts: "accept-new" });
    expect(statSync(userFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, ".ssh")).mode & 0o777).toBe(0o700);
  });

  it("are neither checked nor saved with off", async () => {
    expect((await connect({ knownHosts: "off" })).stdout).toBe("in\n");
    expect(() => statSync(userFile())).toThrow("ENOENT");
  });
});
