import type { KnownType } from "./catalogue";
import { knownTypes } from "./catalogue";
import type { VgpuTypeName } from "./vgpu-type";
import { shortName, sizeInName } from "./vgpu-type";

/** How the names of a card's types begin, without maker and brand: `a40`, `a5000` of RTXA5000-4Q, `pro6000blackwelldc`. */
export type GpuFamily = string;

const brands = /^(nvidia|grid|tesla|quadro|rtx)+/;

const withoutBrand = (words: string[]) => words.join("").replace(brands, "");

const wordsOf = (name: string) =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.replace(brands, "") !== "");

const withoutSize = (name: string) => name.trim().replace(/(-\d+)?-\d+\w*$/, "");

export const familyOfType = (name: string): GpuFamily => withoutBrand(wordsOf(withoutSize(name)));

/** The types that are published for the card in whose name this one, published or not, is given: L40S for `L40S-13Q`. */
export function typesOfSameGpu(type: VgpuTypeName): KnownType[] {
  const beginsLike = ({ name }: KnownType) =>
    shortName(type)
      .toLowerCase()
      .startsWith(`${shortName(withoutSize(name)).toLowerCase()}-`);
  return knownTypes().filter(beginsLike);
}

/** Whether the published types of a card cover what such a type would be: not of its MIG-backed ones, which grow in number. */
export function coversSeries(siblings: KnownType[], type: VgpuTypeName): boolean {
  const size = sizeInName(type);
  if (!size) return siblings.length > 0;
  const ofSeries = siblings.filter(({ name }) => sizeInName(name)?.series === size.series);
  return size.slices === null && ofSeries.some(({ maxInstances }) => maxInstances === 1);
}

/** Whose types a card of this model may take; none for a model that the table does not know. */
export function familiesOfModel(model: string): GpuFamily[] {
  const words = wordsOf(model);
  const families = [...new Set(knownTypes().map(({ name }) => familyOfType(name)))];
  for (let length = words.length; length > 0; length--) {
    const runs = words.slice(length - 1).map((_, start) => withoutBrand(words.slice(start, start + length)));
    const fitting = families.filter((family) => runs.some((run) => /[a-z]/.test(run) && isVariant(family, run)));
    if (fitting.length > 0) return fitting;
  }
  return [];
}

// Letters behind a model are forms and memory sizes of one card (A100D is an A100 with 80 GB), but for S: an L40S is no L40.
const isVariant = (family: GpuFamily, model: string) =>
  family.startsWith(model) && /^(?!s$)[a-z]*$/.test(family.slice(model.length));
