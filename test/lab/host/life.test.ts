import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabHost } from "..";
import { attach, running, sshdCountsDuring, up } from "..";
import { isAlive } from "../cache";

const cards = "T4@0000:3b,A40@0000:41";
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function eventually(what: () => boolean, limitMs = 20_000): Promise<void> {
  for (const end = Date.now() + limitMs; !what(); await pause(100))
    if (Date.now() > end) throw new Error(`still not so: ${what}`);
}

/** What a person sees on the serial line after typing. */
async function typed(lab: LabHost, keys: string, awaited: RegExp): Promise<string> {
  const line = connect(join(lab.details.folder, "console.sock"));
  let seen = "";
  line.on("data", (data: Buffer) => (seen += data)).write(keys);
  await eventually(() => awaited.test(seen)).finally(() => line.destroy());
  return seen;
}

/** QEMU and supervisor processes that have this folder in their command line. */
const processesOf = (folder: string): string[] =>
  readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(`${folder}/`));

function commandLine(pid: string): string {
  try {
    return `${readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", "/")}/`;
  } catch {
    return ""; // it ended just now
  }
}

describe("a lab host's life", () => {
  let lab: LabHost;
  const name = `life-${process.pid}`;
  beforeAll(async () => {
    lab = await up({ name, cards, state: "bare" });
  });
  afterAll(() => lab?.down());

  test("a second host of that name is refused, with where the first one is", async () => {
    await expect(up({ name, cards, state: "bare" })).rejects.toThrow(
      `a lab host called "${name}" is already up at ${lab.address}:2222`,
    );
    expect(running().filter((host) => host.name === name)).toHaveLength(1);
  });

  test("another process finds it by its name", async () => {
    expect((await attach(name).agent("hostname")).stdout).toBe(`${name}\n`);
    expect(() => attach("nobody")).toThrow('no lab host called "nobody" is up');
  });

  test("its serial console asks for a login", async () => {
    expect(await typed(lab, "\r", /login: /)).toContain(`${name} login: `);
  });

  test("sshd's log counts connections and sessions, and neither counting nor the agent adds to it", async () => {
    expect(await sshdCountsDuring(lab, () => lab.agent("true"))).toEqual({ connections: 0, sessions: 0 });
    expect(await sshdCountsDuring(lab, async () => void (await lab.run("true"), await lab.run("true")))).toEqual({
      connections: 0,
      sessions: 2,
    });
  });

  test("its journal goes on in its next file, too", async () => {
    const { stdout } = await lab.agent(
      "journalctl --rotate; logger -t next it goes on; journalctl --sync; journalctl -q -t next -o cat",
    );
    expect(stdout).toBe("it goes on\n");
  });

  test("a reset takes back what was done, and the host is still this one", async () => {
    const id = "cat /etc/machine-id /sys/class/dmi/id/product_uuid; hostname";
    const before = await lab.run(id);
    await lab.run("touch /root/left");
    await lab.reset();
    expect((await lab.sh("ls /root/left")).code).not.toBe(0);
    expect(await lab.run(id)).toBe(before);
  });

  test("down leaves no process and no file", async () => {
    const { folder, pid } = lab.details;
    expect(processesOf(folder).length).toBeGreaterThan(1);
    await lab.down();
    expect([existsSync(folder), isAlive(pid), processesOf(folder)]).toEqual([false, false, []]);
  });

  test("a test process that is killed takes its host with it", async () => {
    const orphan = `orphan-${process.pid}`;
    const program = `require(${JSON.stringify(join(__dirname, ".."))}).up({ name: "${orphan}", cards: "${cards}", state: "bare" }).then(() => setInterval(() => 0, 1000))`;
    const owner = spawn(process.execPath, ["--import", "tsx", "-e", program], { stdio: "ignore" });
    await eventually(() => running().some((host) => host.name === orphan));
    const { folder } = running().find((host) => host.name === orphan)!;
    owner.kill("SIGKILL");
    await eventually(() => !existsSync(folder) && processesOf(folder).length === 0);
  });
});
