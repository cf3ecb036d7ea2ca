import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endpoint } from "../../provider/ssh/endpoint";
import { loadKnownHosts } from "../../provider/ssh/known-hosts-files";
import { ed25519, otherEd25519 } from "./known-hosts.samples";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "known-hosts-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const load = (host: string) => loadKnownHosts(endpoint({ host, knownHosts: join(folder, "known_hosts") }));

test("hosts that share a known_hosts file share what was read of it, until the file changes", () => {
  writeFileSync(join(folder, "known_hosts"), `gpu1 ${ed25519}\ngpu2 ${ed25519}\n`);
  const first = load("gpu1");
  expect(load("gpu2")).toBe(first);
  writeFileSync(join(folder, "known_hosts"), `gpu1 ${otherEd25519}\n`);
  expect(load("gpu2").map(({ names }) => names)).toEqual(["gpu1"]);
});
