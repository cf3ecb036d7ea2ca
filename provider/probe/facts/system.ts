import type { Disk, Identity, Iommu, OperatingSystem, OsFamily, SystemFacts } from "../../model/facts/system";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture, InstalledProbe } from "../capture";
import { probeDigest } from "../installed";
import { settings } from "../text";
import { imageSystem, mounts } from "./image-system";
import { isRoot } from "./processes";

export function systemFacts(capture: Capture): SystemFacts {
  return {
    os: operatingSystem(capture),
    image: imageSystem(capture),
    identity: identity(capture),
    iommu: iommu(capture),
    secureBoot: secureBoot(capture),
    tools: Object.fromEntries(capture.section("tools").map((path) => [path.split("/").pop()!, path])),
    libcHeaders: capture.exists("/usr/include/stdio.h"),
    disks: disks(capture),
    root: isRoot(capture),
    ...(capture.installedProbe && { installedProbe: installedProbe(capture.installedProbe) }),
  };
}

const installedProbe = ({ version, digest }: InstalledProbe) => ({ version, isCurrent: digest === probeDigest() });

function operatingSystem(capture: Capture): OrUnknown<OperatingSystem> {
  const release = settings(capture.read("/etc/os-release"));
  if (!release.ID) return unknown("/etc/os-release does not name the system");
  return {
    // Proxmox keeps Debian's os-release.
    family: capture.exists("/usr/bin/pveversion")
      ? "proxmox"
      : family([release.ID, ...(release.ID_LIKE ?? "").split(" ")]),
    id: release.ID,
    version: release.VERSION_ID ?? "",
    name: release.PRETTY_NAME ?? release.NAME ?? release.ID,
  };
}

function family(ids: string[]): OsFamily {
  const families: [OsFamily, string[]][] = [
    ["ubuntu", ["ubuntu"]],
    ["debian", ["debian"]],
    ["rhel", ["rhel", "fedora", "centos"]],
    ["suse", ["suse", "sles", "opensuse"]],
  ];
  return families.find(([, members]) => ids.some((id) => members.includes(id)))?.[0] ?? "other";
}

function identity(capture: Capture): Identity {
  return {
    productUuid: capture.readable("/sys/class/dmi/id/product_uuid"),
    machineId: capture.readable("/etc/machine-id"),
    bootId: capture.value("/proc/sys/kernel/random/boot_id") ?? "",
    product:
      ["sys_vendor", "product_name"]
        .map((name) => capture.value(`/sys/class/dmi/id/${name}`))
        .filter(Boolean)
        .join(" ") || null,
  };
}

function iommu(capture: Capture): Iommu {
  const units = capture.list("/sys/class/iommu");
  const groups = capture.list("/sys/kernel/iommu_groups").length;
  const tables = capture.list("/sys/firmware/acpi/tables");
  return {
    active: units.length > 0 && groups > 0,
    units,
    groups,
    inFirmware: tables.length > 0,
    vendor: iommuVendor(capture, tables),
  };
}

function iommuVendor(capture: Capture, tables: string[]): Iommu["vendor"] {
  if (tables.includes("DMAR")) return "intel";
  if (tables.includes("IVRS")) return "amd";
  const processor = capture.value("/proc/cpuinfo") ?? "";
  return processor.includes("GenuineIntel") ? "intel" : processor.includes("AuthenticAMD") ? "amd" : "other";
}

/** Reads the last byte of the firmware's variable. A machine without EFI has no Secure Boot. */
function secureBoot(capture: Capture): OrUnknown<boolean> {
  if (!capture.exists("/sys/firmware/efi")) return false;
  const bytes = capture.section("secure-boot").join(" ").trim().split(/\s+/);
  if (bytes.length === 5) return bytes[4] === "1";
  // Firmware without the variable does not support Secure Boot; a variable that is not readable means unknown.
  return capture.refusal((path) => path.includes("/SecureBoot-")) ?? false;
}

/** Parses `df -Pk`, one line for each requested path, and adds the options of the mount. */
function disks(capture: Capture): OrUnknown<Disk[]> {
  const rows = capture
    .section("disk")
    .map((line) => /\s(\d+)\s+\S+\s+(\/\S*)$/.exec(line))
    .filter((row) => row !== null);
  if (!rows.length) return unknown("df printed nothing readable");
  const free = new Map(rows.map(([, kiB, at]) => [at!, Math.floor(Number(kiB) / 1024)]));
  const mounted = mounts(capture);
  return [...free].map(([path, availableMiB]) => ({
    path,
    availableMiB,
    noexec: mounted.get(path)?.options.includes("noexec") ?? false,
    readOnly: mounted.get(path)?.options.includes("ro") ?? false,
  }));
}
