import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A row of catalogue.csv: a model of card. */
export interface CardModel {
  key: string;
  name: string;
  architecture: string;
  device: string;
  subdevice: string;
  class: string;
  framebufferMiB: number;
  /** VFs that the SR-IOV capability offers; 0: no such capability. */
  vfs: number;
  firstVf: number;
  mig: boolean;
  /** A workstation card, which has VFs in display-less mode only. */
  display: boolean;
  vgpu: "gpu" | "vf" | "refused";
  minBranch: number;
  maxBranch: number;
}

const parseRow = (columns: string[], row: string): Record<string, string> =>
  Object.fromEntries(row.split(",").map((value, i) => [columns[i], value]));

function readCatalogue(): CardModel[] {
  const lines = readFileSync(join(__dirname, "catalogue.csv"), "utf8").split("\n");
  const [header, ...rows] = lines.filter((line) => line && !line.startsWith("#"));
  return rows
    .map((row) => parseRow(header!.split(","), row))
    .map(({ key, name, architecture, device, subdevice, class: pciClass, ...rest }) => ({
      key: key!,
      name: name!,
      architecture: architecture!,
      device: device!,
      subdevice: subdevice!,
      class: pciClass!,
      framebufferMiB: Number(rest.framebuffer_mib),
      vfs: Number(rest.vfs),
      firstVf: Number(rest.first_vf),
      mig: rest.mig === "yes",
      display: rest.display === "yes",
      vgpu: rest.vgpu as CardModel["vgpu"],
      minBranch: Number(rest.min_branch),
      maxBranch: Number(rest.max_branch),
    }));
}

export const catalogue: readonly CardModel[] = readCatalogue();
