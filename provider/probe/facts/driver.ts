import { DriverVersion } from "../../model/driver-version";
import type { DriverFacts, DriverFlavour, Package, Service } from "../../model/facts/driver";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { settings } from "../text";
import type { BootFactsFromFiles } from "./boot";
import { loadedModules, modprobeLines, nouveau } from "./kernel-modules";

export function driverFacts(capture: Capture, boot: BootFactsFromFiles): DriverFacts {
  const modules = loadedModules(capture);
  const running = boot.kernels.find(({ version }) => version === boot.kernel);
  const loaded = DriverVersion.safeParse(capture.value("/sys/module/nvidia/version")).data ?? null;
  const onDisk = running?.nvidia ?? null;
  const packages = installedPackages(capture);
  const flavour = driverFlavour(capture, { loaded, onDisk, vgpuVfio: running?.vgpuVfio ?? false });
  return {
    flavour,
    loaded,
    onDisk,
    moduleKind: moduleKind(capture),
    packaging: packaging(capture, flavour, packages),
    packages,
    dkms: dkms(capture),
    sriovManage: capture.exists("/usr/lib/nvidia/sriov-manage"),
    nvidiaSmi: nvidiaSmi(capture),
    modules,
    modprobe: modprobeLines(capture),
    nouveau: nouveau(capture, modules, boot),
    services: services(capture),
  };
}

interface DriverVersions {
  loaded: DriverVersion | null;
  onDisk: OrUnknown<DriverVersion | null>;
  vgpuVfio: boolean;
}

/** Only the vGPU Manager has the module nvidia-vgpu-vfio and the daemon nvidia-vgpu-mgr. */
function driverFlavour(capture: Capture, { loaded, onDisk, vgpuVfio }: DriverVersions): DriverFlavour {
  if (capture.exists("/sys/module/nvidia_vgpu_vfio") || vgpuVfio || capture.exists("/usr/bin/nvidia-vgpu-mgr"))
    return "vgpu-manager";
  return loaded || onDisk ? "data-centre" : "none";
}

function moduleKind(capture: Capture): DriverFacts["moduleKind"] {
  const version = capture.value("/proc/driver/nvidia/version");
  if (version === null) return null;
  return version.includes("Open Kernel Module") ? "open" : "proprietary";
}

/** Parses lines of `KIND status name version`. dpkg also lists removed packages with remaining configuration. */
function installedPackages(capture: Capture): Package[] {
  return capture
    .section("packages")
    .map((line) => line.split("\t"))
    .flatMap(([kind, status, name, version]) =>
      (kind === "deb" || kind === "rpm") && name
        ? [{ kind, name, version: version ?? "", installed: status!.startsWith("ii") } satisfies Package]
        : [],
    );
}

function packaging(capture: Capture, flavour: DriverFlavour, packages: Package[]): DriverFacts["packaging"] {
  if (flavour === "none") return null;
  const ofFlavour = flavour === "vgpu-manager" ? /^nvidia-vgpu-|^NVIDIA-vGPU-/ : /^(kmod-)?nvidia-(driver|kernel|dkms)/;
  const owner = packages.find(({ name, installed }) => installed && ofFlavour.test(name));
  if (owner) return owner.kind;
  // The .run installer adds its own uninstaller; packages do not have one.
  return capture.exists("/usr/bin/nvidia-uninstall") ? "run" : null;
}

/** /var/lib/dkms/nvidia/VERSION/KERNEL */
function dkms(capture: Capture): DriverFacts["dkms"] {
  const names = capture.list("/var/lib/dkms").filter((name) => name.startsWith("nvidia"));
  return names.flatMap((name) =>
    capture.list(`/var/lib/dkms/${name}`).flatMap((version) =>
      capture
        .list(`/var/lib/dkms/${name}/${version}`)
        .filter((kernel) => /^\d/.test(kernel))
        .map((kernel) => ({ version, kernel })),
    ),
  );
}

function nvidiaSmi(capture: Capture): DriverFacts["nvidiaSmi"] {
  const exitCode = capture.section("nvidia-smi-exit")[0];
  return exitCode === undefined
    ? null
    : { exitCode: Number(exitCode), firstLine: capture.section("nvidia-smi").find((line) => line.trim()) ?? "" };
}

/** Parses `systemctl show`: blocks of NAME=value with an empty line between them, in no fixed order. */
export function services(capture: Capture): OrUnknown<Service[]> {
  const blocks = capture
    .section("services")
    .join("\n")
    .split("\n\n")
    .map((block) => settings(block.split("\n")));
  const named = blocks.filter(({ Id }) => Id);
  if (!named.length) return unknown("systemctl is missing or printed nothing");
  const byName = new Map(named.map((unit) => [unit.Id!, unit]));
  return [...byName.values()].map((unit) => ({
    name: unit.Id!,
    present: unit.LoadState === "loaded",
    enabled: unit.UnitFileState ?? "",
    active: unit.ActiveState ?? "",
    sub: unit.SubState ?? "",
    result: unit.Result ?? "",
    exitStatus: Number(unit.ExecMainStatus ?? 0),
  }));
}
