// The program pulumi-resource-nvidia-vgpu, which the engine starts for each configuration of the provider.
import { hostAt } from "../host";
import { collectGarbageOften } from "../lifecycle/engine/heap";
import { exitWhenOrphaned } from "../lifecycle/engine/orphan";
import { ownerOf, ownersOf } from "../lifecycle/engine/owner";
import { newInstance } from "../lifecycle/instance";
import { serve } from "./serve";

// Flags such as --logtostderr precede the address of the engine.
const engine = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("-"))
  .at(-1);

exitWhenOrphaned();
collectGarbageOften();
void serve({ hostAt, ownerOf: ownersOf(ownerOf), newInstance, now: () => new Date() }, engine).then(({ port }) =>
  process.stdout.write(`${port}\n`),
);
