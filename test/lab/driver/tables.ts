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
  const most = (t: Row): number =>
    Number(t.gi_total) * Math.floor(instanceMiB(t.gi_profile!) / Number(t.framebuffer_mib));
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
  const migBacked = typesOf(release, "mig-types.csv").map((t) => {
    const shown = t.name!.endsWith("Q") ? ["4", "60", "7680x4320"] : ["1", "60", "4096x2400"];
    return [t.device, t.id, t.framebuffer_mib, most(t), ...shown, t.gi_profile_id, t.name];
  });
  return [...timeSliced, ...migBacked].map((words) => `type ${words.join(" ")}\n`).join("");
}

/** profiles.tsv: the GPU instance profiles of MIG capable cards. */
export function profilesTable(release: Release): string {
  const rows = typesOf(release, "mig-types.csv").map((t) =>
    [t.device, t.gi_profile_id, t.gi_profile, t.gi_total].join("\t"),
  );
  return [...new Set(rows)].map((row) => `${row}\n`).join("");
}
