import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { ConnectionPool, Ssh, upload } from "../../provider/ssh";
import { Relay } from "./relay";
import { Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

withSshd("uploads", () => {
  let sshd: Sshd;
  let relay: Relay;
  let ssh: Ssh;
  let pool: ConnectionPool;
  let bin: string;
  let there: string;
  let counter = 0;
  const content = randomBytes(6_000_000);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const local = () => join(sshd.dir, "local.run");

  beforeAll(async () => {
    bin = mkdtempSync(join(tmpdir(), "bin-"));
    // Where root runs the tests, nobody calls it; elsewhere the user of the tests plays root.
    writeFileSync(join(bin, "sudo"), '#!/bin/sh\nshift 2\nexec "$@"\n', { mode: 0o755 });
    sshd = await Sshd.start("127.0.0.26", { settings: [`SetEnv PATH=${bin}:/usr/bin:/bin`] });
    relay = await Relay.to(sshd);
    pool = new ConnectionPool();
    ssh = new Ssh({ ...sshd.connection, host: "127.0.0.1", port: relay.port, knownHosts: "off" }, pool);
    writeFileSync(local(), content);
  });
  beforeEach(() => {
    there = join(sshd.dir, `there ${counter++} $x`);
    mkdirSync(there);
  });
  afterAll(async () => {
    pool.closeAll();
    relay.close();
    await sshd.remove();
    rmSync(bin, { recursive: true });
  });

  const remote = () => join(there, "driver's file.run");
  const part = (id = "0", digest = sha256) => `${remote()}.part-${digest.slice(0, 16)}-${id}`;

  it("write the file, report their progress, and leave nothing else", async () => {
    const progress: number[] = [];
    const result = await upload(ssh, local(), remote(), {
      mode: 0o755,
      onProgress: (bytes, size) => progress.push(bytes / size),
    });
    expect(result).toEqual({ sha256, size: content.length, sent: content.length });
    expect(readFileSync(remote()).equals(content)).toBe(true);
    expect(statSync(remote()).mode & 0o777).toBe(0o755);
    expect(readdirSync(there)).toHaveLength(1);
    expect(progress[0]).toBe(0);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it("send nothing if the file exists, and all of it if another file does", async () => {
    writeFileSync(remote(), content);
    expect(await upload(ssh, local(), remote())).toMatchObject({ sent: 0 });
    expect(statSync(remote()).mode & 0o777).toBe(0o600);
    writeFileSync(remote(), "another one");
    expect(await upload(ssh, local(), remote())).toMatchObject({ sent: content.length });
  });

  it("continue where they were interrupted", async () => {
    await ssh.run("true");
    relay.cutAfter(3_000_000);
    await expect(upload(ssh, local(), remote())).rejects.toMatchObject({ kind: "lost" });
    expect(existsSync(remote())).toBe(false);
    const { sent } = await upload(ssh, local(), remote());
    expect(sent).toBeLessThan(5_000_000);
    expect(readFileSync(remote()).equals(content)).toBe(true);
    expect(readdirSync(there)).toHaveLength(1);
  });

  it("send only what is missing", async () => {
    writeFileSync(part(), content.subarray(0, 4_000_000));
    const progress: number[] = [];
    expect(await upload(ssh, local(), remote(), { onProgress: (bytes) => progress.push(bytes) })).toMatchObject({
      sent: 2_000_000,
    });
    expect(progress[0]).toBe(4_000_000);
    expect(readFileSync(remote()).equals(content)).toBe(true);
    expect(readdirSync(there)).toHaveLength(1);
  });

  it("remove a file that differs from the local one", async () => {
    writeFileSync(part(), "damaged on the way");
    await expect(upload(ssh, local(), remote())).rejects.toThrow(
      "the uploaded file differs from the local one, and was removed. Run it again.",
    );
    expect(readdirSync(there)).toEqual([]);
    expect(await upload(ssh, local(), remote())).toMatchObject({ sent: content.length });
  });

  it("of one file at the same time do not collide, and the second leaves nothing of the first", async () => {
    const ended = await Promise.all([
      upload(ssh, local(), remote()),
      upload(ssh, local(), remote()),
      upload(ssh, local(), remote()),
    ]);
    expect(ended.map((result) => result.sha256)).toEqual([sha256, sha256, sha256]);
    expect(readFileSync(remote()).equals(content)).toBe(true);
    await upload(ssh, local(), remote());
    expect(readdirSync(there)).toHaveLength(1);
  });

  it("keep the part that another upload is writing, and remove the part of a dead upload", async () => {
    writeFileSync(part("1"), content.subarray(0, 1000));
    writeFileSync(part("2", "f".repeat(64)), "of another version");
    // It waits for the lock, which the check below may have for a moment.
    const holder = spawn("flock", [part("1"), "sleep", "60"], { detached: true, stdio: "ignore" });
    try {
      await expect.poll(() => spawnSync("flock", ["-n", part("1"), "true"]).status).toBe(1);
      expect(await upload(ssh, local(), remote())).toMatchObject({ sent: content.length });
      expect(readdirSync(there).sort()).toEqual([remote(), part("1")].map((path) => basename(path)).sort());
    } finally {
      process.kill(-holder.pid!);
    }
  });

  it("fail when the host accepts no more data, with the progress and advice", async () => {
    // A program that reads nothing stands for a disk that takes nothing.
    writeFileSync(join(bin, "cat"), `#!/bin/sh\nexec /bin/sleep 15\n`, { mode: 0o755 });
    try {
      await expect(upload(ssh, local(), remote(), { silenceSeconds: 4 })).rejects.toThrow(
        /Could not upload \S+local\.run on \S+ for .*driver's file\.run: \d of 6 MiB have arrived, and the host accepted no more data for 4 s\. Check the file system there/,
      );
    } finally {
      rmSync(join(bin, "cat"));
    }
  });

  it("write an empty file", async () => {
    const empty = join(sshd.dir, "empty");
    writeFileSync(empty, "");
    expect(await upload(ssh, empty, remote())).toMatchObject({ size: 0, sent: 0 });
    expect(readFileSync(remote(), "utf8")).toBe("");
  });

  it("report why they failed", async () => {
    await expect(upload(ssh, local(), join(there, "no/such/folder/x"))).rejects.toThrow(
      /Could not upload \S+local.run on \S+@127.0.0.1:\d+ for .*x: .*(nonexistent|No such file).*\. Check that the file system has free space/,
    );
    await expect(upload(ssh, "/no/such/file", remote())).rejects.toThrow(
      "Could not read the local file for /no/such/file: ENOENT",
    );
  });

  it("stop when they are aborted", async () => {
    const control = new AbortController();
    const reason = new Error("never mind");
    await expect(
      upload(ssh, local(), remote(), { signal: control.signal, onProgress: () => control.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
