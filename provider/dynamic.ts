// The engine loads this by name in a separate process: see providerText in resources/host-resource.ts.
import { hostAt } from "./host";
import { collectGarbageOften } from "./lifecycle/engine/heap";
import { engineSink } from "./lifecycle/engine/log";
import { exitWhenOrphaned } from "./lifecycle/engine/orphan";
import { ownerOf, ownersOf } from "./lifecycle/engine/owner";
import { newInstance } from "./lifecycle/instance";
import { driver } from "./lifecycle/kinds/driver";
import { layout } from "./lifecycle/kinds/layout";
import { mig } from "./lifecycle/kinds/mig";
import { sriov } from "./lifecycle/kinds/sriov";
import { vgpu } from "./lifecycle/kinds/vgpu";
import { providerHandlers } from "./lifecycle/provider-handlers";

const isProviderProcess = /[\\/]dynamic-provider([\\/]index\.js)?$/.test(process.argv[1] ?? "");
// The last argument, because flags may precede it.
const engine = isProviderProcess ? process.argv.at(-1) : undefined;

const handlerOf = providerHandlers({
  hostAt,
  sink: engineSink(engine),
  ownerOf: ownersOf(ownerOf),
  newInstance,
  now: () => new Date(),
});

if (isProviderProcess) {
  exitWhenOrphaned();
  collectGarbageOften();
}

export const VgpuManagerInstall = handlerOf(driver);
export const MigEnablement = handlerOf(mig);
export const SriovEnablement = handlerOf(sriov);
export const MdevVgpu = handlerOf(vgpu);
export const VgpuLayout = handlerOf(layout);
