import type { MdevDefinition } from "../../model/facts/vgpu";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { isRoot } from "./processes";

const directory = "/etc/mdevctl.d";

/** One JSON file a definition: /etc/mdevctl.d/PARENT/UUID. */
export function mdevDefinitions(capture: Capture): OrUnknown<MdevDefinition[]> {
  if (!isRoot(capture)) return unknown("only root may read mdevctl's definitions");
  return capture.list(directory).flatMap((parent) =>
    capture.list(`${directory}/${parent}`).flatMap((uuid) => {
      const text = capture.read(`${directory}/${parent}/${uuid}`).join("\n");
      const type = /"mdev_type"\s*:\s*"([^"]+)"/.exec(text)?.[1];
      return type ? [{ uuid, parent, type, auto: /"start"\s*:\s*"auto"/.test(text) }] : [];
    }),
  );
}
