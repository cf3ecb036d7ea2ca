import { distance } from "fastest-levenshtein";
import { knownTypeByName, knownTypes } from "../../model/catalogue";
import { coversSeries, familiesOfModel, familyOfType, typesOfSameGpu } from "../../model/gpu-family";
import { idIn, shortName, sizeInName, VgpuTypeName } from "../../model/vgpu-type";

/** A vGPU type. Refuses unknown types of GPUs of which all types are published. An id passes: the host decides. */
export const FleetVgpuType = VgpuTypeName.superRefine((type, context) => {
  if (idIn(type) !== null || knownTypeByName(type)) return;
  const siblings = typesOfSameGpu(type);
  if (!coversSeries(siblings, type)) return;
  const closest = closestType(
    type,
    siblings.map(({ name }) => name),
  );
  context.addIssue({
    code: "custom",
    message: `did you mean ${closest}? If your driver offers this type, use its numeric id`,
  });
});

/** Returns whether a type is for GPU instances; undefined for an id that is not published. */
export function isMigBacked(type: VgpuTypeName): boolean | undefined {
  const size = sizeInName(knownTypeByName(type)?.name ?? type);
  return idIn(type) !== null && !knownTypeByName(type) ? undefined : size ? size.slices !== null : undefined;
}

/** Returns whether GPUs of this model are known not to offer the type. */
export function isTypeOfAnotherGpu(type: VgpuTypeName, model: string): boolean {
  const known = idIn(type) === null ? knownTypeByName(type) : null;
  const families = familiesOfModel(model);
  return known !== null && families.length > 0 && !families.includes(familyOfType(known.name));
}

/** Returns the type of this model that is most similar to a type of another GPU. */
export function closestTypeOf(model: string, type: VgpuTypeName): string {
  const families = familiesOfModel(model);
  return closestType(
    type,
    knownTypes()
      .map(({ name }) => name)
      .filter((name) => families.includes(familyOfType(name))),
  );
}

/** Compares series and size before letters: 4Q is more similar to 8Q than to 64Q. */
function closestType(type: VgpuTypeName, names: string[]): string {
  const size = sizeInName(type);
  const distances = (name: string): [series: number, framebuffer: number, letters: number] => {
    const other = sizeInName(name);
    const letters = distance(shortName(type), shortName(name));
    if (!size || !other) return [0, 0, letters];
    const isSameSeries = other.series === size.series && (other.slices === null) === (size.slices === null);
    return [isSameSeries ? 0 : 1, Math.abs(other.framebufferMiB - size.framebufferMiB), letters];
  };
  const [first] = names
    .map((name) => ({ name, far: distances(name) }))
    .sort((a, b) => a.far[0] - b.far[0] || a.far[1] - b.far[1] || a.far[2] - b.far[2]);
  return shortName(first!.name);
}
