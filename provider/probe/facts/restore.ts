import type { Service } from "../../model/facts/driver";
import type { GpuRecord, RestoreFacts } from "../../model/facts/restore";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { isKnown } from "../../model/unknown";
import type { Capture } from "../capture";
import { isWhole, settings } from "../text";

const unitName = "nvidia-vgpu-restore.service";
const recordDirectory = "/etc/nvidia-vgpu/gpus";

/** Characters of each digest, as host/restorer.sh cuts them. */
const digestLength = 16;

export function restoreFacts(capture: Capture, services: OrUnknown<Service[]>): RestoreFacts {
  return {
    systemd: capture.section("tools").some((path) => path.endsWith("/systemctl")),
    digest: digest(capture),
    unit: isKnown(services) ? (services.find(({ name }) => name === unitName) ?? null) : services,
    gpus: gpuRecords(capture),
    failures: capture.read("/run/nvidia-vgpu/restore").flatMap((line) => {
      const [, item, reason] = /^(\S+) (.+)$/.exec(line) ?? [];
      return item && reason ? [{ item, reason }] : [];
    }),
    rivalLines: capture
      .paths(/^\/etc\/(rc|cron|systemd\/)|^\/var\/spool\/cron\//)
      .flatMap((file) => capture.read(file).map((line) => ({ file, line: line.trim() }))),
  };
}

/** Parses lines of sha256sum: of the script, and of the unit if there is one. */
function digest(capture: Capture): string | null {
  const found = capture.section("restorer").flatMap((line) => /^[0-9a-f]{64}(?= {2})/.exec(line)?.[0] ?? []);
  return found.length > 0 ? found.map((one) => one.slice(0, digestLength)).join("-") : null;
}

/** Reads one file per GPU, named by its UUID. Keys of later versions are ignored. */
function gpuRecords(capture: Capture): RestoreFacts["gpus"] {
  const records = capture
    .list(recordDirectory)
    .filter((name) => /^[A-Za-z0-9-]+$/.test(name))
    .flatMap((uuid) => gpuRecord(uuid, capture.read(`${recordDirectory}/${uuid}`)) ?? []);
  return capture.refusal((path) => path.startsWith(recordDirectory)) ?? records;
}

function gpuRecord(uuid: string, lines: string[]): GpuRecord | null {
  const { address = "", vfs = "", mig, mig_owner: migOwner = "", mixed, instances = "", owner = "" } = settings(lines);
  if (!isWhole(lines) || !isPciAddress(address) || !/^\d*$/.test(vfs)) return null;
  if (vfs === "" && mig !== "on" && mixed !== "on") return null;
  const modes = { mig: mig === "on", migOwner, mixedSizes: mixed === "on" };
  return { uuid, address: pciAddress(address), vfs: Number(vfs), ...modes, instances, owner };
}
