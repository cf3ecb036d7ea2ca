import { DriverVersion } from "../../model/driver-version";
import type { InstalledKernel } from "../../model/facts/boot";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { compareNaturally } from "../text";

/** Returns the installed kernels, oldest first: those of /lib/modules. An image in /boot may have any name, such as vmlinuz-linux. */
export function installedKernels(capture: Capture): InstalledKernel[] {
  const images = kernelImages(capture);
  const diskVersions = versionsOnDisk(capture);
  return capture
    .list("/lib/modules")
    .sort(compareNaturally)
    .map((version) => {
      const modules = modulesOf(capture, version);
      return {
        version,
        bootable: images.has(version),
        package: packageOf(capture, version),
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

/**
 * Returns the kernel of an image. Its path contains the version in all layouts: /vmlinuz-VERSION, /boot/ostree/NAME/vmlinuz-VERSION,
 * /MACHINE/VERSION/linux, /EFI/Linux/MACHINE-VERSION.efi.
 */
export function kernelOfImage(capture: Capture, image: string): OrUnknown<string> {
  const installed = capture.list("/lib/modules").filter((version) => contains(image, version));
  const longest = installed.sort((a, b) => b.length - a.length)[0];
  const named = /vmlinu[xz]-(\d+\.\d[^/]*?)(?:\.old|\.efi)?$/.exec(image)?.[1];
  return longest ?? named ?? unknown(`the image ${image} names no kernel version`);
}

function contains(image: string, version: string): boolean {
  const at = image.indexOf(version);
  return at > 0 && /[/-]/.test(image[at - 1]!) && /^(\/|\.efi$|\.old$|\.img$|$)/.test(image.slice(at + version.length));
}

/** Returns the package that has the image of a kernel, from dpkg's lists of files or from rpm; null if none has it. */
function packageOf(capture: Capture, version: string): OrUnknown<string | null> {
  const image = `/boot/vmlinuz-${version}`;
  const lists = capture.paths(/^\/var\/lib\/dpkg\/info\/[^/]+\.list$/);
  const list = lists.find((path) => capture.read(path).includes(image));
  if (list) return /([^/:]+)(?::\w+)?\.list$/.exec(list)![1]!;
  if (lists.length && capture.exists(image)) return null;
  const answers = capture.section("kernel-packages");
  const owner = answers
    .map((line) => line.split("\t"))
    .find(([word, kernel]) => word === "kernel" && kernel === version);
  if (owner) return owner[2]!;
  return answers.some((line) => line === `file ${image} is not owned by any package`)
    ? null
    : unknown(`the package of the kernel ${version} was not read`);
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
