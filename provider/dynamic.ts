// The engine loads this by name in a separate process: see providerText in resources/host-resource.ts.
import { hostAt } from "./host";
import { engineSink } from "./lifecycle/engine/log";
import { exitWhenOrphaned } from "./lifecycle/engine/orphan";
import { ownerOf, ownersOf } from "./lifecycle/engine/owner";
import type { ProviderEnvironment } from "./lifecycle/environment";
import type { Handler } from "./lifecycle/handler";
import { handlerFor } from "./lifecycle/handler";
import { newInstance } from "./lifecycle/instance";
import { driver } from "./lifecycle/kinds/driver";
import { layout } from "./lifecycle/kinds/layout";
import { sriov } from "./lifecycle/kinds/sriov";
import { vgpu } from "./lifecycle/kinds/vgpu";

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

if (isProviderProcess) exitWhenOrphaned();

export const VgpuManagerInstall: Handler = handlerFor(driver, environment);
export const SriovEnablement: Handler = handlerFor(sriov, environment);
export const MdevVgpu: Handler = handlerFor(vgpu, environment);
export const VgpuLayout: Handler = handlerFor(layout, environment);
