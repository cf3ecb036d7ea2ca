import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CardModel } from "../cards/catalogue";
import { catalogue } from "../cards/catalogue";

export interface Release {
  version: string;
  branch: number;
  /** The vGPU Manager, as opposed to the ordinary data-centre driver. */
  vgpu: boolean;
}

const knownBy = (release: Release): CardModel[] =>
  catalogue.filter(({ minBranch, maxBranch }) => minBranch <= release.branch && release.branch <= maxBranch);

/** nv-cards.h: the rows of the kernel module's table of cards. */
export function cardsHeader(release: Release): string {
  const row = (card: CardModel): string =>
    `{ 0x${card.device}, 0x${card.subdevice}, "${card.name}", "${card.architecture}", ${card.framebufferMiB}, ` +
    `NV_CARD_${card.vgpu.toUpperCase()}, ${Number(card.mig)}, ${card.minBranch}, ${card.maxBranch} },\n`;
  return `/* Cards of the test lab that R${release.branch} knows; generated from cards/catalogue.csv. */\n${knownBy(release).map(row).join("")}`;
}

/** cards.tsv: what the installer finds out about the PCI ids it sees. */
export function cardsTable(release: Release): string {
  const row = (c: CardModel): string =>
    [c.device, c.subdevice, c.architecture, c.vgpu, c.minBranch, c.maxBranch, c.name].join("\t");
  return knownBy(release)
    .map((card) => `${row(card)}\n`)
    .join("");
}

type Row = Record<string, string>;

/** The rows of a table of types, for the cards that the release knows, with the card's PCI device id. */
function typesOf(release: Release, file: string): Row[] {
  const lines = readFileSync(join(__dirname, "..", "cards", file), "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
  const [columns = [], ...rows] = lines.map((line) => line.split(","));
  const devices = new Map(knownBy(release).map(({ key, device }) => [key, device]));
  return rows
    .map((row): Row => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? ""])))
    .flatMap((row) => (devices.has(row.card!) ? [{ ...row, device: devices.get(row.card!)! }] : []));
}

/** The GPU instance profiles that the release has. */
const profilesOf = (release: Release): Row[] =>
  typesOf(release, "gi-profiles.csv").filter(({ since }) => Number(since) <= release.branch);

/** GB20x takes several vGPUs on one GPU instance (B120). */
const sharesInstances = (card: string): boolean =>
  catalogue.some(({ key, architecture }) => key === card && architecture === "Blackwell");

/** The framebuffer of a GPU instance, by the name of its profile: 1g.24gb+gfx. */
const instanceMiB = (profile: string): number => Number(/\.(\d+)gb/.exec(profile)![1]) * 1024;

/**
 * The vGPU types, a line each, in the words that nvidia-vgpud writes to the kernel module:
 * `type DEVICE ID FRAMEBUFFER_MIB MAX HEADS FRL MAX_RESOLUTION GPU_INSTANCE_PROFILE|- NAME`.
 */
export function typesTable(release: Release): string {
  // C types offer a little more resolution from R525 on.
  const resolution = (t: Row): string =>
    release.branch >= 525 ? t.max_resolution!.replace("4096x2160", "4096x2400") : t.max_resolution!;
  const profiles = profilesOf(release);
  const profileOf = (t: Row) => profiles.find(({ device, id }) => device === t.device && id === t.gi_profile_id);
  const most = (t: Row, { name, total }: Row): number =>
    Number(total) *
    (release.branch >= 575 && sharesInstances(t.card!)
      ? Math.floor(instanceMiB(name!) / Number(t.framebuffer_mib))
      : 1);
  const timeSliced = typesOf(release, "types.csv").map((t) => [
    t.device,
    t.id,
    t.framebuffer_mib,
    t.max,
    t.heads,
    t.frl,
    resolution(t),
    "-",
    t.name,
  ]);
  const migBacked = typesOf(release, "mig-types.csv").flatMap((t) => {
    const profile = profileOf(t);
    const shown = t.name!.endsWith("Q") ? ["4", "60", "7680x4320"] : ["1", "60", "4096x2400"];
    return profile ? [[t.device, t.id, t.framebuffer_mib, most(t, profile), ...shown, t.gi_profile_id, t.name]] : [];
  });
  return [...timeSliced, ...migBacked].map((words) => `type ${words.join(" ")}\n`).join("");
}

/** profiles.tsv: the GPU instance profiles of MIG capable cards, for nvidia-smi. */
export function profilesTable(release: Release): string {
  const columns = ["device", "id", "name", "total", "size", "starts", "gib", "sm", "dec", "enc", "ce", "jpeg", "ofa"];
  return profilesOf(release)
    .map((row) => `${columns.map((column) => row[column]).join("\t")}\n`)
    .join("");
}

/**
 * nv-gi-profiles.h: device, id, how many at most, slices of the card, slices that it takes, its decoders, and a bit for each slice at
 * which it may start.
 */
export function profilesHeader(release: Release): string {
  const profiles = profilesOf(release);
  const slicesOf = (card: string) =>
    Math.max(...profiles.filter((one) => one.card === card).map(({ size }) => Number(size)));
  const bits = (starts: string) => starts.split(" ").reduce((mask, start) => mask | (1 << Number(start)), 0);
  return profiles
    .map(
      (p) =>
        `{ 0x${p.device}, ${p.id}, ${p.total}, ${slicesOf(p.card!)}, ${p.size}, ${p.dec}, 0x${bits(p.starts!).toString(16)} },\n`,
    )
    .join("");
}
