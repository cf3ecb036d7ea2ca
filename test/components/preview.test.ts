import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { VgpuHostArgs } from "../../provider/components/host-args";
import { reportHosts } from "../../provider/components/report";
import { VgpuFleet } from "../../provider/components/vgpu-fleet";
import { VgpuHost } from "../../provider/components/vgpu-host";
import { writeRow } from "../../provider/lifecycle/rows/plan-file";
import type { DesiredHost } from "../../provider/preview/desired-host";
import type { HostPreview } from "../../provider/preview/host-preview";
import type { PreviewOptions } from "../../provider/preview/preview-hosts";
import { previewFolder } from "../../provider/resources/planned-rows";
import { program, settled, unchanged } from "./mocks";

const looks = vi.hoisted(() => ({
  at: [] as { hosts: readonly DesiredHost[]; options: PreviewOptions }[],
  blocked: "",
  /** When hosts answer. */
  answer: Promise.resolve(),
}));
vi.mock("../../provider/preview/preview-hosts", () => ({
  previewHosts: async (hosts: readonly DesiredHost[], options: PreviewOptions): Promise<HostPreview[]> => {
    looks.at.push({ hosts, options });
    await looks.answer;
    const blockers = (host: string) =>
      host === looks.blocked ? [{ reason: "the guest cad-01 runs", hint: "Shut it down", requestedBy: ["x"] }] : [];
    return hosts.map(({ host }) => ({
      host,
      status: "reachable",
      plan: { steps: [], blockers: blockers(host), notes: [] },
      identity: { productUuid: host, machineId: host },
    }));
  },
}));

/** What the Automation API waits for, before the run of a program is over. Its types do not have it. */
const { waitForRPCs } = require("@pulumi/pulumi/runtime/settings") as { waitForRPCs: () => Promise<void> };

const args = (name: string, more: Partial<VgpuHostArgs> = {}): VgpuHostArgs => ({
  connection: { host: `${name}.example` },
  gpus: { a: { gpu: { model: "A40" }, vgpus: { "A40-12Q": 4 } } },
  ...more,
});

let said: [string, string][];
async function fleet(
  hosts: Record<string, VgpuHostArgs>,
  knownAsTheyAre: string[] = [],
  maxConnections?: number,
): Promise<void> {
  for (const name of knownAsTheyAre) for (const part of [name, `${name}/a`]) unchanged.add(part);
  const on = new pulumi.ComponentResource("nvidia-vgpu:index:VgpuFleet", "fleet");
  const made = Object.entries(hosts).map(([name, one]) => [
    name,
    { args: one, host: new VgpuHost(name, { ...one, previewHosts: false }, { parent: on }) },
  ]);
  reportHosts(on, Object.fromEntries(made) as Parameters<typeof reportHosts>[1], { inspectsNew: true, maxConnections });
  await settled();
}
const lookedAt = () => looks.at.flatMap(({ hosts }) => hosts.map(({ host }) => host));

beforeEach(async () => {
  await program(true);
  pulumi.runtime.setAllConfig({});
  looks.at = [];
  looks.blocked = "";
  looks.answer = Promise.resolve();
  said = [];
  for (const severity of ["info", "warn", "error"] as const) {
    vi.spyOn(pulumi.log, severity).mockImplementation(async (text) => void said.push([severity, text]));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  // The process of a program that Pulumi did not start is its user's.
  expect(process.exitCode).toBeUndefined();
});

describe("in a preview", () => {
  test("a host of which all changes are on rows is not inspected, and a fleet lists its plan", async () => {
    const requestedBy = ["x"];
    const blockers = [{ reason: "the guest cad-02 runs", hint: "Shut it down", requestedBy }];
    const plan = { steps: [], blockers, notes: [] };
    for (const part of ["VgpuLayout::gpu07/a", "SriovEnablement::gpu07"]) {
      // The mocks have only the last type of the parent in a URN.
      const types = "nvidia-vgpu:index:VgpuHost$pulumi-nodejs:dynamic/nvidia-vgpu";
      const identity = { productUuid: "u", machineId: "m" };
      writeRow(previewFolder()!, `urn:pulumi:prod::acme::${types}:${part}`, { plan, identity });
    }
    await fleet({ gpu07: args("gpu07"), gpu02: args("gpu02") });
    expect(lookedAt()).toEqual(["gpu02"]);
    expect(said).toHaveLength(1);
    expect(said[0]![1]).toContain("gpu07 blocked: the guest cad-02 runs. Shut it down.");
  });

  test("a run of the Automation API is over only when the message is printed", async () => {
    let answer!: () => void;
    looks.answer = new Promise((resolve) => (answer = resolve));
    new VgpuHost("gpu01", args("gpu01"));
    let isOver = false;
    const over = waitForRPCs().then(() => void (isOver = true));
    await settled();
    expect(lookedAt()).toEqual(["gpu01"]);
    expect(isOver).toBe(false);
    answer();
    await over;
    expect(said).toHaveLength(1);
  });

  test("hosts with new resources are inspected together, and reported in one message", async () => {
    await fleet({ gpu01: args("gpu01"), gpu02: args("gpu02"), gpu03: args("gpu03") }, ["gpu02"], 3);
    expect(looks.at).toHaveLength(1);
    expect(lookedAt()).toEqual(["gpu01", "gpu03"]);
    expect(looks.at[0]!.options.maxConnections).toBe(3);
    expect(said).toHaveLength(1);
    expect(said[0]![0]).toBe("info");
  });

  test("without new resources no host is inspected, and nothing is printed", async () => {
    await fleet({ gpu01: args("gpu01") }, ["gpu01"]);
    expect([looks.at, said]).toEqual([[], []]);
  });

  test("a host in maintenance is reported even without new resources", async () => {
    await fleet({ gpu01: args("gpu01", { maintenance: "DIMM" }) }, ["gpu01"]);
    expect(looks.at[0]!.hosts[0]).toMatchObject({ host: "gpu01", maintenance: "DIMM" });
  });

  test("a blocker on one host is a warning, after all hosts are reported", async () => {
    looks.blocked = "gpu02";
    await fleet({ gpu01: args("gpu01"), gpu02: args("gpu02") });
    expect(said.map(([severity]) => severity)).toEqual(["warn"]);
    expect(said[0]![1]).toContain("gpu02 blocked: the guest cad-01 runs");
  });

  test("a blocker makes a preview fail if the configuration asks for it", async () => {
    pulumi.runtime.setAllConfig({ "nvidia-vgpu:strictPreview": "true" });
    looks.blocked = "gpu02";
    await fleet({ gpu01: args("gpu01"), gpu02: args("gpu02") });
    expect(said.map(([severity]) => severity)).toEqual(["error"]);
  });

  test("a host with a connection from a new resource is reported as unknown", async () => {
    const later = new pulumi.ComponentResource("acme:Machine", "machine").urn.apply(
      () => undefined as unknown as string,
    );
    (later as unknown as { isKnown: Promise<boolean> }).isKnown = Promise.resolve(false);
    await fleet({ gpu01: args("gpu01", { connection: { host: later } }), gpu02: args("gpu02") });
    expect(lookedAt()).toEqual(["gpu02"]);
    expect(said[0]![1]).toMatch(/gpu01 pending: .*connection/);
  });

  test("hosts are planned with the owner and the URNs of the stack", async () => {
    await fleet({ gpu01: args("gpu01") });
    const { owner, urnOfLayout } = looks.at[0]!.options.ownership!;
    expect(owner).toMatch(/^acme\/prod#[0-9a-f]{8}$/);
    expect(urnOfLayout("gpu01", "a")).toMatch(
      /^urn:pulumi:prod::acme::.*nvidia-vgpu:index:VgpuHost\$.*VgpuLayout::gpu01\/a$/,
    );
  });

  test("invalid arguments of a host are left to the check of its resources", async () => {
    await fleet({ gpu01: args("gpu01", { gpus: { a: { gpu: { model: "A40" }, vgpus: { "A40 12Q!": 4 } } } }) });
    expect(looks.at.flatMap(({ hosts }) => hosts)).toEqual([]);
  });
});

test("previewHosts: false turns the preview off, for a host and for a fleet", async () => {
  new VgpuFleet("fleet", { hosts: { gpu01: args("gpu01") }, previewHosts: false });
  new VgpuHost("gpu02", args("gpu02", { previewHosts: false }));
  await settled();
  expect(looks.at).toEqual([]);
  new VgpuFleet("other", { hosts: { gpu03: args("gpu03") }, maxConnections: 4 });
  new VgpuHost("gpu04", args("gpu04"));
  await expect.poll(() => [...lookedAt()].sort()).toEqual(["gpu03", "gpu04"]);
});

test("an update inspects no hosts for a preview", async () => {
  await program(false);
  await fleet({ gpu01: args("gpu01") });
  expect([looks.at, said]).toEqual([[], []]);
});

test("an update whose hosts wait reports that a program outside a process of Pulumi's cannot hold deletions back", async () => {
  await program(false);
  const on = new pulumi.ComponentResource("nvidia-vgpu:index:VgpuFleet", "fleet");
  const host = new VgpuHost("gpu01", args("gpu01", { previewHosts: false }), { parent: on });
  const waitsFor = Promise.resolve("the canary gpu02, which is unreachable");
  reportHosts(on, { gpu01: { args: args("gpu01"), host, waitsFor } }, { inspectsNew: false });
  await settled();
  expect(said).toEqual([["error", expect.stringMatching(/What left the program is deleted although hosts wait: /)]]);
});
