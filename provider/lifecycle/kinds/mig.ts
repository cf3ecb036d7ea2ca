import { z } from "zod";
import { MigArguments } from "../../model/desired/mig";
import { GpuSelector } from "../../model/gpu-selector";
import { pciAddress } from "../../model/pci-address";
import type { MigGoal, Pin } from "../../plan";
import { selectGpus } from "../../plan/gpu/find";
import { isInMigMode } from "../../plan/gpu/readiness";
import { planMig } from "../../plan/mig";
import type { ResourceInstance, ResourceKind } from "../resource-kind";
import type { State } from "../state";
import { migGpu } from "./division";
import { MigGpu as MigGpuSchema } from "./output-schemas";
import type { MigGpu } from "./outputs";
import { pinsAfter, pinsKey, pinsOf } from "./pins";
import { restorerOf } from "./restorer";

export const mig: ResourceKind<MigArguments> = {
  name: "MigEnablement",
  schema: MigArguments,
  outputs: z.object({ migGpus: z.array(MigGpuSchema).describe("The GPUs in MIG mode, with their GPU instances.") }),

  id: (_, name, host) => `${host}/${name}`,

  goal: (declared, resource) => ({ ...goal(declared, resource), restorer: restorerOf(declared) }),

  // By UUID, only GPUs with a MIG mode that this resource turned on.
  goalOnDelete({ onDelete, reboot }, resource, isNeeded) {
    const enabled = migGpus(resource.last).filter(({ address }) => !isNeeded(modeOf(address)));
    if (onDelete === "keep" || enabled.length === 0) return undefined;
    const pins = enabled.map(
      ({ uuid, address }): Pin => ({
        uuid,
        address: pciAddress(address),
        selector: GpuSelector.parse(uuid ? { uuid } : address),
      }),
    );
    const disabled = pins.map(({ selector }) => selector);
    return { ...goal({ enabled: [], disabled, reboot }, resource, pins), isDeleted: true };
  },

  devices: (last) => migGpus(last).map(({ address }) => modeOf(address)),

  observe(facts, declared, resource) {
    const { enabled, disabled, reboot, onDelete, restoreAtBoot } = declared;
    const pins = pinsOf(resource.last);
    const isDone = (selectors: Pick<MigArguments, "enabled" | "disabled">) => {
      const { steps, blockers } = planMig(facts, goal({ ...selectors, reboot }, resource));
      return steps.length + blockers.length === 0;
    };
    return {
      arguments: {
        enabled: enabled.filter((one) => isDone({ enabled: [one], disabled: [] })),
        disabled: disabled.filter((one) => isDone({ enabled: [], disabled: [one] })),
        reboot,
        onDelete,
        restoreAtBoot,
      },
      outputs: {
        migGpus: selectGpus(facts, { gpus: enabled, pins }).gpus.filter(isInMigMode).map(migGpu),
        [pinsKey]: pinsAfter([...enabled, ...disabled], pins, facts, () => true),
      },
    };
  },

  lookup(facts) {
    const on = facts.gpus.filter(isInMigMode);
    return on.length > 0
      ? {
          arguments: {
            enabled: on.map(({ address }) => ({ address })),
            disabled: [],
            reboot: "never",
            onDelete: "keep",
            restoreAtBoot: true,
          },
          outputs: { migGpus: on.map(migGpu) },
        }
      : undefined;
  },
};

const modeOf = (address: string) => `MIG mode of ${address}`;

const migGpus = (last: State) => (last.migGpus ?? []) as MigGpu[];

const goal = (
  { enabled, disabled, reboot }: Pick<MigArguments, "enabled" | "disabled" | "reboot">,
  { urn, claim, last, siblings }: ResourceInstance,
  pins = pinsOf(last),
): MigGoal => ({
  kind: "mig",
  key: urn,
  claim,
  arguments: { enabled, disabled, reboot },
  pins,
  siblings: siblings?.(),
});
