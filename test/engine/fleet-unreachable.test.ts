import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { LightHost } from "../bench/fleet/light-hosts";
import { LightHosts, lightHostPort, whyNoLightHosts } from "../bench/fleet/light-hosts";
import { Stack } from "./stack";

const why = whyNoLightHosts();
if (why) console.warn(`\n*** ${why}. The tests of unreachable hosts of a fleet are SKIPPED. ***\n`);

const capture = readFileSync(join(__dirname, "..", "captures", "lab-t4-a40-a100.txt"), "utf8");
const driver = { version: "550.163.02" };

describe.skipIf(why)("a fleet with unreachable and blocked hosts under the real CLI", () => {
  let hosts: LightHosts;
  let stack: Stack;
  /** Short waits. */
  const patience = { dialErrorLimit: 0, perDialTimeout: 2 };
  const names = ["gpu01", "gpu02", "gpu03", "gpu04", "gpu05", "gpu06", "gpu07"];
  const at = (name: string): LightHost => hosts.hosts[names.indexOf(name)]!;
  const host = (name: string, more: object = {}) => ({
    connection: {
      host: at(name).address,
      port: lightHostPort,
      privateKeyPath: hosts.keyPath,
      hostKey: hosts.hostKey,
      ...patience,
    },
    driver,
    prerequisites: "require",
    gpus: { a: { gpu: { model: "A40" } } },
    restoreAtBoot: false, // a light host has no systemd
    ...more,
  });
  const declare = (of: Record<string, object>, more: object = {}): void =>
    writeFileSync(join(stack.folder, "fleet.yaml"), stringify({ version: 1, hosts: of, ...more }));
  const all = (...some: string[]) => Object.fromEntries(some.map((name) => [name, host(name)]));

  beforeAll(async () => {
    // gpu07 is gpu01 under another address.
    hosts = new LightHosts(names.length, capture, ({ name }): Record<string, string> => {
      const files = { "/sys/class/dmi/id/product_uuid": "4c4c4544-0001", "/etc/machine-id": "0001" };
      return ["light-1", "light-7"].includes(name)
        ? Object.fromEntries(Object.entries(files).map(([path, text]) => [path, `${text}\n`]))
        : {};
    });
    await hosts.listen();
    stack = new Stack("test", join(__dirname, "fleet-program.js"));
  });
  afterAll(async () => {
    stack?.remove();
    await hosts?.end();
  });

  /** Returns the messages that Pulumi repeats at the end, each once. */
  const diagnosticsOf = (output: string): string => output.slice(output.lastIndexOf("Diagnostics:"));
  const stays = async (name: string): Promise<boolean> =>
    (await stack.state()).some(({ urn }) => urn.endsWith(`VgpuManagerInstall::${name}`));
  const prerequisitesOf = async (name: string): Promise<unknown> =>
    (await stack.state()).find(({ urn }) => urn.endsWith(`VgpuManagerInstall::${name}`))?.outputs.prerequisites;
  const install = (name: string) => host(name, { prerequisites: "install" });

  test("two names of one machine are refused by an up without preview, and reported by each later run", async () => {
    declare(all("gpu01", "gpu07"));
    expect((await stack.preview()).code).not.toBe(0);
    const ended = await stack.up();
    expect(ended.code, ended.output).not.toBe(0);
    expect(diagnosticsOf(ended.output)).toMatch(/gpu0[17] and gpu0[17] are one machine\. Keep one of the names/);
    const preview = await stack.preview();
    expect(preview.code, preview.output).not.toBe(0);
    expect(diagnosticsOf(preview.output)).toContain("one machine");
  });

  test("an up makes all hosts ready", async () => {
    declare(all("gpu01", "gpu02", "gpu03", "gpu04", "gpu05", "gpu06"));
    const { code, output } = await stack.pulumi("up", "--yes");
    expect(code, output).toBe(0);
  });

  describe("when one host refuses connections, one is silent, one is blocked, and one has left the file", () => {
    beforeAll(() => {
      hosts.signal(at("gpu02"), "SIGKILL");
      hosts.signal(at("gpu03"), "SIGSTOP");
      declare({
        gpu01: install("gpu01"),
        gpu02: install("gpu02"),
        gpu03: host("gpu03"),
        gpu04: host("gpu04", { driver: { version: "535.161.05" } }),
        gpu05: host("gpu05"),
      });
    });

    test("a preview fails for them if the configuration asks for it", async () => {
      const { code, output } = await stack.preview("-c", "nvidia-vgpu:strictPreview=true");
      await stack.pulumi("config", "rm", "nvidia-vgpu:strictPreview");
      expect(code, output).not.toBe(0);
      expect(diagnosticsOf(output)).toMatch(/error: Fleet of 5 hosts: .*2 unreachable/);
    });

    test("a preview warns about each unreachable host once, counts all hosts, and succeeds; the up after it changes and deletes on the other hosts, and fails with an error that names the rest", async () => {
      const { code, output } = await stack.pulumi("up", "--yes");
      expect(code, output).not.toBe(0);
      // Pulumi begins to update only after a preview that succeeded.
      const [preview, update] = output.split("Updating (test):") as [string, string];
      expect(update, output).toBeDefined();
      const warnings = diagnosticsOf(preview);
      expect(warnings).toContain("Fleet of 5 hosts: 1 with changes, 1 blocked, 2 unreachable, 1 in sync.");
      expect(warnings).toMatch(/gpu04 blocked: 550\.163\.02 is installed instead of 535\.161\.05/);
      expect(warnings).toContain("gpu[02-03] unreachable.");
      expect(warnings.match(/could not be read/g)).toHaveLength(2);
      expect(warnings).not.toContain("error:");
      expect(preview).toMatch(/- \d to delete/);
      const diagnostics = diagnosticsOf(update);
      expect(diagnostics).toMatch(/error: Fleet of 5 hosts: 1 blocked, 2 unreachable, 2 in sync\./);
      expect(diagnostics).toContain("gpu04 blocked.");
      expect(diagnostics).toContain("gpu[02-03] unreachable.");
      expect(await prerequisitesOf("gpu01")).toBe("install");
      expect(await stays("gpu06")).toBe(false);
      expect(await prerequisitesOf("gpu02")).toBe("require");
    });
  });

  describe("a canary that is unreachable", () => {
    const rollout = { rollout: { canary: ["gpu02"] } };

    test("holds back the changes of all later waves, and all deletions, and up reports it in one line", async () => {
      declare({ gpu01: host("gpu01"), gpu02: host("gpu02"), gpu03: host("gpu03"), gpu05: host("gpu05") }, rollout);
      const { code, output } = await stack.up();
      expect(code, output).not.toBe(0);
      expect(diagnosticsOf(output)).toContain("gpu[01,05]: waits for the canary gpu02, which is unreachable.");
      expect(diagnosticsOf(output)).toContain("Nothing was deleted, because hosts wait.");
      expect(await prerequisitesOf("gpu01")).toBe("install");
      expect(await stays("gpu04")).toBe(true);
    });

    test("holds nothing back while it is in maintenance", async () => {
      const hosts = { gpu01: host("gpu01"), gpu02: host("gpu02", { maintenance: "DIMM" }), gpu05: host("gpu05") };
      declare({ ...hosts, gpu03: host("gpu03", { maintenance: "off" }) }, rollout);
      const { code, output } = await stack.pulumi("up", "--yes");
      expect(code, output).toBe(0);
      expect(await prerequisitesOf("gpu01")).toBe("require");
      expect(await stays("gpu04")).toBe(false);
    });
  });

  test("a host that leaves the file during maintenance leaves the state without a connection", async () => {
    declare({ ...all("gpu01", "gpu05"), gpu03: host("gpu03", { maintenance: "off" }) });
    const { code, output } = await stack.pulumi("up", "--yes");
    expect(code, output).toBe(0);
    expect(await stays("gpu02")).toBe(false);
  });

  describe("a host that leaves the file while it is unreachable", () => {
    const withLayout = (name: string, more = {}) =>
      host(name, { gpus: { a: { gpu: { model: "A40" }, vgpus: {} } }, ...more });

    test("a preview names it, and an up fails for it alone", async () => {
      hosts.signal(at("gpu03"), "SIGCONT");
      declare({ gpu01: withLayout("gpu01"), gpu03: withLayout("gpu03"), gpu05: withLayout("gpu05") });
      const before = await stack.pulumi("up", "--yes");
      expect(before.code, before.output).toBe(0);
      hosts.signal(at("gpu03"), "SIGSTOP");
      declare({ gpu01: withLayout("gpu01") });
      const { code, output } = await stack.pulumi("up", "--yes");
      expect(code, output).not.toBe(0);
      const [preview, update] = output.split("Updating (test):") as [string, string];
      expect(diagnosticsOf(preview)).toMatch(/warning: \[gpu03.*could not be read/);
      expect(update, output).toBeDefined();
      expect(diagnosticsOf(update)).toContain("declare gpu03 again with a reason for maintenance");
      const left = (await stack.state()).map(({ urn }) => urn).filter((urn) => /VgpuLayout/.test(urn));
      expect(left.map((urn) => urn.split("::").at(-1))).toEqual(["gpu01/a", "gpu03/a"]);
    });

    test("maintenance is the way out", async () => {
      declare({ gpu01: withLayout("gpu01"), gpu03: withLayout("gpu03", { maintenance: "scrapped" }) });
      const kept = await stack.up();
      expect(kept.code, kept.output).toBe(0);
      declare({ gpu01: withLayout("gpu01") });
      const { code, output } = await stack.pulumi("up", "--yes");
      expect(code, output).toBe(0);
      expect(diagnosticsOf(output)).toMatch(/gpu03.* is in maintenance \(scrapped\), so it only leaves the state/);
      expect(await stays("gpu03")).toBe(false);
    });
  });
});
