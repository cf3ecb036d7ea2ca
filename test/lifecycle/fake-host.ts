import { readFileSync } from "node:fs";
import { join } from "node:path";
import { restorerDigest } from "../../provider/apply";
import type { Outcome, Request } from "../../provider/host";
import type { Entry } from "../../provider/lifecycle/engine/log";
import type { Handler } from "../../provider/lifecycle/handler";
import { handlerFor } from "../../provider/lifecycle/handler";
import { driver } from "../../provider/lifecycle/kinds/driver";
import { layout } from "../../provider/lifecycle/kinds/layout";
import { mig } from "../../provider/lifecycle/kinds/mig";
import { sriov } from "../../provider/lifecycle/kinds/sriov";
import { vgpu } from "../../provider/lifecycle/kinds/vgpu";
import type { State } from "../../provider/lifecycle/state";
import type { Connection } from "../../provider/model/connection";
import { UserError } from "../../provider/model/errors";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { isKnown } from "../../provider/model/unknown";
import { plan } from "../../provider/plan";
import { isInMigMode } from "../../provider/plan/gpu/readiness";
import { instancesAfter } from "../../provider/plan/restore/gpu-instances";
import { hostFacts } from "../../provider/probe";

/** Facts of a capture, of one's own to change. */
export const factsOf = (capture: string): HostFacts =>
  structuredClone(hostFacts(readFileSync(join(__dirname, "..", "captures", `${capture}.txt`), "utf8")));

/** A host on which everything that it has is restored at boot, apart from what steps have ended. */
export function restoring(facts: HostFacts, ended: readonly string[] = []): HostFacts {
  const unit = { name: "nvidia-vgpu-restore.service", present: true, enabled: "enabled", active: "inactive" };
  const gpus = facts.gpus.flatMap((gpu) => {
    const { uuid, address, sriov: vfs } = gpu;
    if (!uuid || !vfs || ended.includes(`forget_gpu ${uuid}`)) return [];
    const instances = instancesAfter(gpu, []) ?? "";
    const mig = isInMigMode(gpu);
    const modes = { mig, migOwner: mig ? owner : "", mixedSizes: gpu.mixedSizes === "on" };
    return [{ uuid, address, vfs: vfs.total, ...modes, instances, owner }];
  });
  // The UUID of a GPU may not be known.
  const hasMode = facts.gpus.some(isInMigMode);
  const hasItems = hasMode || gpus.length > 0 || (isKnown(facts.records) && facts.records.length > 0);
  const digest = ended.includes("remove_restorer") || !hasItems ? null : restorerDigest();
  const installed = { unit: { ...unit, sub: "dead", result: "success", exitStatus: 0 }, digest, gpus };
  const definitions = isKnown(facts.mdevDefinitions)
    ? facts.mdevDefinitions.map((one) => ({ ...one, auto: false }))
    : [];
  return { ...facts, restore: { ...facts.restore, ...installed }, mdevDefinitions: definitions };
}

/** A host that plans with the real planner, and on which a plan comes true by the facts that the test has prepared. */
export class FakeHost {
  readonly asked: Request[] = [];
  looks = 0;
  /** What looking at it, or changing it, ends with. */
  away?: Error;
  /** As the next change leaves it; left out: nothing can be changed on it. */
  becomes?: HostFacts;
  /** What the next change ends with. */
  failure?: UserError;
  private readonly ended: string[] = [];

  constructor(public now: HostFacts) {}

  async facts(): Promise<HostFacts> {
    this.looks++;
    if (this.away) throw this.away;
    return this.stamped(this.now);
  }

  lastFacts(): HostFacts | undefined {
    return this.looks > 0 && !this.away ? this.stamped(this.now) : undefined;
  }

  async ensure(request: Request): Promise<Outcome> {
    this.asked.push(request);
    if (this.away) throw this.away;
    const found = (this.now = this.stamped(this.now));
    const { steps } = plan(found, [request.goal]);
    for (const { title } of steps) request.progress(title);
    const applied = this.becomes
      ? steps.map((step) => ({ step, result: "done" as const, seconds: 1, output: "" }))
      : [];
    this.ended.push(...applied.map(({ step }) => step.id));
    this.now = this.stamped(this.becomes ?? this.now);
    this.becomes = undefined;
    return { found, facts: this.now, remaining: plan(this.now, [request.goal]), applied, failure: this.failure };
  }

  /** The tests leave out of a record which life of a resource made it. */
  private stamped = (facts: HostFacts): HostFacts => ({
    ...restoring(facts, this.ended),
    records: isKnown(facts.records)
      ? facts.records.map((record) => ({ instance, restore: true, ...record }))
      : facts.records,
  });
}

export const connection: Connection = { host: "gpu01.example" };

export const urnOf = (kind: string, name: string, stack = "prod"): string =>
  `urn:pulumi:${stack}::acme::pulumi-nodejs:dynamic/nvidia-vgpu:${kind}::${name}`;

export interface Stage {
  host: FakeHost;
  said: Entry[];
  connections: Connection[];
  driver: Handler;
  mig: Handler;
  sriov: Handler;
  vgpu: Handler;
  layout: Handler;
}

export const provider = "exports.handler = () => require('somewhere')";
export const madeAt = "2026-01-02T03:04:05.000Z";
export const owner = "acme/prod#00000000";
export const instance = "the only life";
export const laterInstance = "a later life";

const theSameInstance = (_: string, isFirst: boolean): string => (isFirst ? instance : laterInstance);

/** The lives of all kinds on one host. */
export function stage(facts: HostFacts, now = madeAt, newInstance = theSameInstance): Stage {
  const host = new FakeHost(facts);
  const said: Entry[] = [];
  const connections: Connection[] = [];
  const world = {
    hostAt(at: Connection) {
      connections.push(at);
      return host;
    },
    // An engine that takes its time.
    sink: (entry: Entry) => new Promise<void>((resolve) => setImmediate(() => resolve(void said.push(entry)))),
    ownerOf: () => owner,
    newInstance,
    now: () => new Date(now),
  };
  return {
    host,
    said,
    connections,
    driver: handlerFor(driver, world),
    mig: handlerFor(mig, world),
    sriov: handlerFor(sriov, world),
    vgpu: handlerFor(vgpu, world),
    layout: handlerFor(layout, world),
  };
}

/** Inputs as they come out of check. */
export async function checked(
  handler: Handler,
  kind: string,
  name: string,
  given: object,
  before: State = {},
): Promise<State> {
  const { inputs, failures } = await handler.check(before, {
    connection,
    __urn: urnOf(kind, name),
    __provider: provider,
    ...given,
  });
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
  return { ...inputs, __provider: provider };
}

export const away = (): UserError =>
  new UserError({ action: "reach sshd", host: "gpu01.example", cause: "connection refused" });
