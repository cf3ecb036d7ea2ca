import type { CardModel } from "./catalogue";
import { catalogue } from "./catalogue";

/** A card in a slot of a host. */
export interface Card {
  model: CardModel;
  domain: number;
  bus: number;
  slot: number;
  /** Stays with the card wherever it is put; the stand-in driver derives the GPU's UUID from it. */
  serial: number;
  displayless: boolean;
  unlocked: boolean;
}

/** The host's slots in order, and the bus behind each. A card sits on its bus behind a root port two buses below. */
const slots = [0x41, 0x45, 0x82, 0x86, 0x49, 0x4d, 0x51, 0x55, 0x59, 0x5d, 0x61, 0x65, 0x8a, 0x8e, 0x92, 0x96];
/** The documented host has its Tesla P10 at 82:00.0, so Pascal cards go to the slots of the second processor. */
const secondProcessor = (bus: number): boolean => bus >= 0x80;
const busesOfACard = 3;

/** Reads a list such as `T4,A40,RTXA5000:displayless,A10@0001:c8`. */
export function parseCards(list: string): Card[] {
  const wanted = list.split(",").filter(Boolean).map(parseCard);
  if (wanted.length === 0) throw new Error("A host needs at least one card.");
  if (wanted.length > slots.length) throw new Error(`A host has ${slots.length} slots, not ${wanted.length}.`);

  const taken: { domain: number; bus: number }[] = wanted.flatMap(({ place }) => (place ? [place] : []));
  const cards = wanted.map(({ model, place, options }, i): Card => {
    const { domain, bus } = place ?? freePlace(model, taken);
    const before = wanted.slice(0, i).filter((other) => other.model === model).length;
    return {
      model,
      domain,
      bus,
      slot: domain === 0 ? slots.indexOf(bus) + 1 : 0,
      serial: 100 * before + catalogue.indexOf(model) + 1,
      displayless: options.includes("displayless"),
      unlocked: options.includes("unlocked"),
    };
  });
  rejectOverlaps(cards);
  return numberRemainingSlots(cards);
}

interface WantedCard {
  model: CardModel;
  options: string[];
  place?: { domain: number; bus: number };
}

function parseCard(text: string): WantedCard {
  const match = /^(?<key>\w+)(?<options>(:\w+)*)(@(?<domain>[0-9a-f]{4}):(?<bus>[0-9a-f]{2}))?$/i.exec(text.trim());
  if (!match) throw new Error(`"${text}" is no card: write KEY, KEY:option or KEY@DDDD:BB, for example A40@0000:41.`);
  const { key, options, domain, bus } = match.groups as { key: string; options: string; domain?: string; bus?: string };
  const model = catalogue.find((m) => m.key.toLowerCase() === key.toLowerCase());
  if (!model) throw new Error(`There is no card "${key}". There are ${catalogue.map((m) => m.key).join(", ")}.`);
  const card: WantedCard = { model, options: options.split(":").filter(Boolean) };
  card.options.forEach((option) => checkOption(model, option));
  if (bus) card.place = { domain: parseInt(domain!, 16), bus: parseInt(bus, 16) };
  return card;
}

function checkOption(model: CardModel, option: string): void {
  if (option === "displayless" && model.display) return;
  if (option === "unlocked" && model.key === "P10") return;
  throw new Error(
    `${model.key} has no option "${option}": displayless is for workstation cards, unlocked for the P10.`,
  );
}

function freePlace(model: CardModel, taken: { domain: number; bus: number }[]): { domain: number; bus: number } {
  const preferred = (bus: number) => secondProcessor(bus) === (model.architecture === "Pascal");
  const inOrder = [...slots.filter(preferred), ...slots.filter((bus) => !preferred(bus))];
  const isFree = (bus: number) => !taken.some((t) => t.domain === 0 && Math.abs(t.bus - bus) < busesOfACard);
  const bus = inOrder.find(isFree);
  if (bus === undefined) throw new Error("The cards leave no room for one more: give fewer addresses by hand.");
  const place = { domain: 0, bus };
  taken.push(place);
  return place;
}

function rejectOverlaps(cards: Card[]): void {
  for (const card of cards) {
    if (card.bus < 2)
      throw new Error(`${address(card)} leaves no bus for the root port: the lowest bus of a card is 02.`);
    const other = cards.find(
      (c) => c !== card && c.domain === card.domain && Math.abs(c.bus - card.bus) < busesOfACard,
    );
    if (other)
      throw new Error(`${address(card)} and ${address(other)} are too close: a card needs its bus and the two below.`);
  }
}

/** Cards at addresses of the caller's choice get the slot numbers that are left. */
function numberRemainingSlots(cards: Card[]): Card[] {
  const used = new Set(cards.map(({ slot }) => slot));
  return cards.map((card) => {
    if (card.slot > 0) return card;
    const slot = slots.map((_, i) => i + 1).find((number) => !used.has(number))!;
    used.add(slot);
    return { ...card, slot };
  });
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

/** The card's place as `DDDD:BB`. */
export const address = ({ domain, bus }: Card): string => `${hex(domain, 4)}:${hex(bus, 2)}`;

/** The card as the guest's firmware names it, in an SMBIOS OEM string that labpci.ko reads (see hardware/cards.c). */
export function oemString(card: Card): string {
  const { device, subdevice, class: pciClass, framebufferMiB, firstVf } = card.model;
  const vfs = card.model.display && !card.displayless ? 0 : card.model.vfs;
  const numbers = [vfs, firstVf, framebufferMiB, card.slot, card.serial].join(" ");
  return `lab-card=${address(card)} ${device} ${subdevice} ${pciClass} ${numbers}${card.unlocked ? " unlocked" : ""}`;
}

/** One text for one set of cards, whatever order and defaults they were given with. */
export const canonical = (cards: Card[]): string =>
  cards
    .map((card) => oemString(card))
    .sort()
    .join(", ");

/** A list as `parseCards` takes it, with all addresses. */
export const cardList = (cards: Card[]): string =>
  cards
    .map((c) => `${c.model.key}${c.displayless ? ":displayless" : ""}${c.unlocked ? ":unlocked" : ""}@${address(c)}`)
    .join(",");

/** The first driver branch that knows all the cards. */
export const lowestBranch = (cards: Card[]): number => Math.max(...cards.map(({ model }) => model.minBranch));

/**
 * What an installer of a branch looks at when it chooses how to build its modules: are there cards up to Ampere, which
 * want mdev and the proprietary modules, and cards from Ada on?
 */
export function generations(cards: Card[], branch: number): { old: boolean; new: boolean } {
  const known = cards.filter(({ model }) => model.minBranch <= branch && branch <= model.maxBranch);
  const isOld = ({ model }: Card) => ["Pascal", "Volta", "Turing", "Ampere"].includes(model.architecture);
  return { old: known.some(isOld), new: known.some((card) => !isOld(card)) };
}
