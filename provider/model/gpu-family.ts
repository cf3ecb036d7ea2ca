import type { KnownType } from "./catalogue";
import { knownTypes } from "./catalogue";
import type { VgpuTypeName } from "./vgpu-type";
import { shortName, sizeInName } from "./vgpu-type";

/** The beginning of a GPU's type names, without maker and brand: `a40`, `a5000` of RTXA5000-4Q, `pro6000blackwelldc`. */
export type GpuFamily = string;

const brands = /^(nvidia|grid|tesla|quadro|rtx)+/;

const joinWithoutBrand = (words: string[]) => words.join("").replace(brands, "");

/** Returns the words of a name in lower case, without those that are only a brand. */
const wordsOf = (name: string) =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.replace(brands, "") !== "");

const withoutSize = (name: string) => name.trim().replace(/(-\d+)?-\d+\w*$/, "");

/** Returns the family of a type: `a40` of `NVIDIA A40-12Q`. */
export const familyOfType = (name: string): GpuFamily => joinWithoutBrand(wordsOf(withoutSize(name)));

/** Returns the published types of the GPU that a type name begins with, even if the type is not published: of L40S for `L40S-13Q`. */
export function typesOfSameGpu(type: VgpuTypeName): KnownType[] {
  const name = shortName(type).toLowerCase();
  return [...typesByBeginning()].flatMap(([beginning, types]) => (name.startsWith(`${beginning}-`) ? types : []));
}

let beginnings: Map<string, KnownType[]> | undefined;

/** Returns the published types by what all types of a GPU begin with: `l40s`. */
const typesByBeginning = (): Map<string, KnownType[]> => (beginnings ??= groupByBeginning(knownTypes()));

function groupByBeginning(types: readonly KnownType[]): Map<string, KnownType[]> {
  const groups = new Map<string, KnownType[]>();
  for (const type of types) {
    const beginning = shortName(withoutSize(type.name)).toLowerCase();
    groups.set(beginning, [...(groups.get(beginning) ?? []), type]);
  }
  return groups;
}

/** Returns whether all types of a series of this GPU are published: the MIG-backed ones, or the time-sliced ones. */
export function coversSeries(siblings: KnownType[], type: VgpuTypeName): boolean {
  const size = sizeInName(type);
  if (!size) return siblings.length > 0;
  const ofSeries = siblings.filter(({ name }) => sizeInName(name)?.series === size.series);
  if (size.slices !== null) return ofSeries.some(({ name }) => sizeInName(name)?.slices != null);
  return ofSeries.some(({ maxInstances }) => maxInstances === 1);
}

/**
 * Returns the families of types that a GPU of this model may offer; none for an unknown model. The longest part of the model's name
 * that is the beginning of a family decides: "RTX PRO 6000 Blackwell" must not match the family of another 6000.
 */
export function familiesOfModel(model: string): GpuFamily[] {
  const words = wordsOf(model);
  for (let length = words.length; length > 0; length--) {
    const parts = partsOfLength(words, length).filter((part) => /[a-z]/.test(part));
    const found = publishedFamilies().filter((family) => parts.some((part) => isVariantOf(part, family)));
    if (found.length > 0) return found;
  }
  return [];
}

let families: GpuFamily[] | undefined;

const publishedFamilies = (): GpuFamily[] =>
  (families ??= [...new Set(knownTypes().map(({ name }) => familyOfType(name)))]);

/** Returns all runs of adjacent words, joined: `a100`, `80gb` and `pcie` of length 1. */
const partsOfLength = (words: string[], length: number): string[] =>
  words.slice(length - 1).map((_, start) => joinWithoutBrand(words.slice(start, start + length)));

/** Letters after a model are forms and memory sizes of one GPU: A100D is an A100 with 80 GB. Only S is another GPU: L40S is no L40. */
const isVariantOf = (model: string, family: GpuFamily): boolean =>
  family.startsWith(model) && /^(?!s$)[a-z]*$/.test(family.slice(model.length));
