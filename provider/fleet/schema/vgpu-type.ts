import { distance } from "fastest-levenshtein";
import { knownTypeByName, knownTypes } from "../../model/catalogue";
import { coversSeries, familiesOfModel, familyOfType, typesOfSameGpu } from "../../model/gpu-family";
import { idIn, shortName, sizeInName, VgpuTypeName } from "../../model/vgpu-type";

/** A type that is published, or of a card of which not all are; an id passes, for the host has the last word. */
export const FleetVgpuType = VgpuTypeName.superRefine((type, context) => {
  const siblings = typesOfSameGpu(type);
  if (idIn(type) !== null || knownTypeByName(type) || !coversSeries(siblings, type)) return;
  const near = nearest(
    type,
    siblings.map(({ name }) => name),
  );
  context.addIssue({ code: "custom", message: `did you mean ${near}? If the host offers it, write its id` });
});

/** Whether a card of this model takes no such types: only where both are known. */
export function isOfAnotherCard(type: VgpuTypeName, model: string): boolean {
  const known = idIn(type) === null ? knownTypeByName(type) : null;
  const fitting = familiesOfModel(model);
  return known !== null && fitting.length > 0 && !fitting.includes(familyOfType(known.name));
}

/** What was meant by a type of another card. */
export function nearestOf(model: string, type: VgpuTypeName): string {
  const fitting = familiesOfModel(model);
  return nearest(
    type,
    knownTypes()
      .map(({ name }) => name)
      .filter((name) => fitting.includes(familyOfType(name))),
  );
}

/** The same size comes before the same letters: nobody means 64Q who writes 4Q. */
function nearest(type: VgpuTypeName, names: string[]): string {
  const size = sizeInName(type);
  const far = (name: string): [series: number, framebuffer: number, letters: number] => {
    const other = sizeInName(name);
    const letters = distance(shortName(type), shortName(name));
    if (!size || !other) return [0, 0, letters];
    const isKin = other.series === size.series && (other.slices === null) === (size.slices === null);
    return [isKin ? 0 : 1, Math.abs(other.framebufferMiB - size.framebufferMiB), letters];
  };
  const [first] = names
    .map((name) => ({ name, far: far(name) }))
    .sort((a, b) => a.far[0] - b.far[0] || a.far[1] - b.far[1] || a.far[2] - b.far[2]);
  return shortName(first!.name);
}
