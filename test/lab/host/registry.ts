import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, labFolder } from "../cache";

const hosts = join(labFolder, "hosts");

/** What is written down of a running host, so that another process finds it. */
export interface HostRecord {
  name: string;
  folder: string;
  address: string;
  port: number;
  keyPath: string;
  hostKey: string;
  uuid: string;
  cards: string;
  state: string;
  /** Saved state that it was started from. */
  origin: string;
  /** Pid of the supervisor. */
  pid: number;
  startedAt: string;
}

/**
 * Claims a folder and the loopback address that goes with it, 127.77.0.1 to .254: making the folder is what claims both.
 * Refuses a name that is taken.
 */
export function claim(name: string): { folder: string; address: string } {
  const taken = find(name);
  if (taken)
    throw new Error(
      `a lab host called "${name}" is already up at ${taken.address}:${taken.port} (${taken.cards}, ${taken.state}); \`npm run lab -- down ${name}\` ends it, --name gives another one`,
    );
  mkdirSync(hosts, { recursive: true });
  for (let n = 1; n < 255; n++) {
    const folder = join(hosts, String(n));
    try {
      mkdirSync(folder);
      return { folder, address: `127.77.0.${n}` };
    } catch {}
  }
  throw new Error(`all 254 addresses for lab hosts are taken, see ${hosts}`);
}

export const record = (host: HostRecord): void =>
  writeFileSync(join(host.folder, "host.json"), JSON.stringify(host, null, 1));

/** All hosts whose supervisor is alive. */
export function running(): HostRecord[] {
  if (!existsSync(hosts)) return [];
  return readdirSync(hosts)
    .map((entry) => join(hosts, entry, "host.json"))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as HostRecord)
    .filter((host) => isAlive(host.pid));
}

export const find = (name: string): HostRecord | undefined => running().find((host) => host.name === name);
