import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../../provider/lifecycle/engine/log";
import { newInstance } from "../../../provider/lifecycle/instance";
import type { State } from "../../../provider/lifecycle/state";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { Stage } from "../fake-host";
import { checked, connection, madeAt, provider, stage, urnOf } from "../fake-host";

/** Where the plans of previews are. */
export const plans = mkdtempSync(join(tmpdir(), "plans-"));
process.once("exit", () => rmSync(plans, { recursive: true }));

const handlers = {
  VgpuManagerInstall: "driver",
  MigEnablement: "mig",
  SriovEnablement: "sriov",
  MdevVgpu: "vgpu",
  VgpuLayout: "layout",
} as const;
type Kind = keyof typeof handlers;

export interface Program {
  [name: string]: { kind: Kind } & Record<string, unknown>;
}

interface PreviewOptions {
  refresh?: boolean;
  isPreview?: boolean;
  /** As the host is now. */
  facts?: HostFacts;
  /** Why it is unreachable. */
  away?: Error;
}

/** The calls of the engine for a stack on one host, in their order. */
export class PreviewedStack {
  on: Stage;
  private readonly state = new Map<string, { kind: Kind; id: string; inputs: State; outs: State }>();

  constructor(public facts: HostFacts) {
    this.on = stage(facts, madeAt, newInstance);
  }

  /** Has the state that `up` leaves when the host is in sync already. */
  async applied(program: Program): Promise<this> {
    for (const [name, { kind, ...args }] of Object.entries(program)) {
      const handler = this.on[handlers[kind]];
      const inputs = await checked(handler, kind, name, args);
      const { id, outs } = await handler.create(inputs);
      this.state.set(name, { kind, id, inputs, outs: { ...outs, __provider: provider } });
    }
    return this;
  }

  /** Runs a preview in a process of its own, and returns what it shows of the changes. */
  async preview(
    program: Program,
    { refresh = true, isPreview = true, facts = this.facts, away }: PreviewOptions = {},
  ): Promise<Entry[]> {
    this.on = stage(facts, madeAt, newInstance);
    this.on.host.away = away;
    if (refresh) await this.refresh();
    const readsOfRefresh = this.on.host.looks;
    this.on.said.length = 0;
    for (const [name, { kind, ...args }] of Object.entries(program)) {
      const handler = this.on[handlers[kind]];
      const before = this.state.get(name);
      const given = { connection, __urn: urnOf(kind, name), ...args, ...(isPreview && { __preview: plans }) };
      const { inputs, failures } = await handler.check(before?.inputs ?? {}, { ...given, __provider: provider });
      if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
      if (before) await handler.diff(before.id, before.outs, { ...inputs, __provider: provider });
    }
    if (this.on.host.looks !== readsOfRefresh) throw new Error("the preview read the host again after the refresh");
    return this.on.said;
  }

  private async refresh(): Promise<void> {
    for (const [name, resource] of this.state) {
      const read = await this.on[handlers[resource.kind]].read(resource.id, resource.outs);
      if (read.id === undefined) this.state.delete(name);
      Object.assign(resource, {
        outs: { ...read.props, __provider: provider },
        inputs: read.inputs ?? resource.inputs,
      });
    }
  }
}

/** Returns the messages of a row, without the name of the host. */
export const rowOf = (said: readonly Entry[], name: string): string[] =>
  said
    .filter(({ urn }) => urn.endsWith(`::${name}`))
    .map(({ severity, message }) => `${severity}: ${message.replace(/^\[\S+\] /, "")}`);
