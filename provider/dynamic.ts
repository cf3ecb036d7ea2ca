// The engine loads this by name in a separate process: see providerText in resources/host-resource.ts.
import { hostAt } from "./host";
import { endLast } from "./lifecycle/end-last";
import { engineSink } from "./lifecycle/engine/log";
import { exitWhenOrphaned } from "./lifecycle/engine/orphan";
import { ownerOf, ownersOf } from "./lifecycle/engine/owner";
import type { ProviderEnvironment } from "./lifecycle/environment";
import type { Handler } from "./lifecycle/handler";
import { handlerFor } from "./lifecycle/handler";
import { newInstance } from "./lifecycle/instance";
import { driver } from "./lifecycle/kinds/driver";
import { layout } from "./lifecycle/kinds/layout";
import { mig } from "./lifecycle/kinds/mig";
import { sriov } from "./lifecycle/kinds/sriov";
import { vgpu } from "./lifecycle/kinds/vgpu";
import { Machines } from "./lifecycle/machines";
import type { ResourceKind } from "./lifecycle/resource-kind";

const isProviderProcess = /[\\/]dynamic-provider([\\/]index\.js)?$/.test(process.argv[1] ?? "");
// The last argument, because flags may precede it.
const engine = isProviderProcess ? process.argv.at(-1) : undefined;
const environment: ProviderEnvironment = {
  hostAt,
  sink: engineSink(engine),
  ownerOf: ownersOf(ownerOf),
  newInstance,
  now: () => new Date(),
};

const machines = new Machines();

if (isProviderProcess) exitWhenOrphaned();

/** Pulumi calls one deletion after the other on its workers: see endLast. */
const handlerOf = <A extends object>(kind: ResourceKind<A>): Handler => {
  const handler = handlerFor(kind, environment, machines);
  return { ...handler, delete: (id, last) => endLast(() => handler.delete(id, last)) };
};

export const VgpuManagerInstall = handlerOf(driver);
export const MigEnablement = handlerOf(mig);
export const SriovEnablement = handlerOf(sriov);
export const MdevVgpu = handlerOf(vgpu);
export const VgpuLayout = handlerOf(layout);
