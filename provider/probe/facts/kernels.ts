import { DriverVersion } from "../../model/driver-version";
import type { InstalledKernel } from "../../model/facts/boot";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { compareNaturally } from "../text";

/** Returns the installed kernels, oldest first. */
export function installedKernels(capture: Capture): InstalledKernel[] {
  const images = kernelImages(capture);
  const versions = new Set([...capture.list("/lib/modules"), ...images]);
  const diskVersions = versionsOnDisk(capture);
  return [...versions].sort(compareNaturally).map((version) => {
    const modules = modulesOf(capture, version);
    return {
      version,
      bootable: images.has(version),
      headers: capture.exists(`/lib/modules/${version}/build/Makefile`),
      nvidia: nvidia(version, modules),
      vgpuVfio: modules.has("nvidia-vgpu-vfio"),
      mdev: modules.has("mdev"),
      vfioPciCore: modules.has("vfio-pci-core"),
      pciPfStub: modules.has("pci-pf-stub"),
    };
  });

  function nvidia(kernel: string, modules: Map<string, string>): OrUnknown<DriverVersion | null> {
    const path = modules.get("nvidia");
    if (!path) return null;
    return (
      diskVersions.get(`/lib/modules/${kernel}/${path}`) ??
      unknown(`modinfo reports no version of ${path} for ${kernel}`)
    );
  }
}

function kernelImages(capture: Capture): Set<string> {
  const images = capture.list("/boot").flatMap((name) => /^vmlinuz-(.*)$/.exec(name)?.[1] ?? []);
  const inModuleFolders = capture
    .list("/lib/modules")
    .filter((version) => capture.exists(`/lib/modules/${version}/vmlinuz`));
  return new Set([...images.filter((version) => !version.includes("rescue")), ...inModuleFolders]);
}

/** Maps module names to paths, from the index that modprobe uses; built-in modules count as present. */
function modulesOf(capture: Capture, kernel: string): Map<string, string> {
  const indexed = ["modules.builtin", "modules.dep"].flatMap((index) =>
    capture.read(`/lib/modules/${kernel}/${index}`),
  );
  return new Map(
    indexed.map((line) => line.split(":")[0]!).map((path) => [/([^/]+)\.ko/.exec(path)?.[1] ?? path, path]),
  );
}

function versionsOnDisk(capture: Capture): Map<string, DriverVersion> {
  const versions = new Map<string, DriverVersion>();
  let file = "";
  for (const line of capture.section("modinfo")) {
    const [, field, value] = /^(\w+):\s+(.*)$/.exec(line) ?? [];
    if (field === "filename") file = value!;
    if (field !== "version") continue;
    const version = DriverVersion.safeParse(value);
    if (version.success) versions.set(file, version.data);
  }
  return versions;
}
