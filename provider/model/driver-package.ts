import type { DriverVersion } from "./driver-version";
import { driverVersion } from "./driver-version";
import { UserError } from "./errors";

export type Packaging = "run" | "deb" | "rpm";

/** What the name of a vGPU Manager package contains. */
export interface DriverPackage {
  file: string;
  version: DriverVersion;
  packaging: Packaging;
}

const version = "(?<version>\\d{3}\\.\\d{2,3}(?:\\.\\d{2})?)";

const vgpuManagers: [Packaging, RegExp][] = [
  ["run", new RegExp(`^NVIDIA-Linux-x86_64-${version}-vgpu-kvm(?:-custom)?\\.run$`)],
  // Older packages repeat the branch in the package's own name: nvidia-vgpu-ubuntu-470_470.68_amd64.deb
  ["deb", new RegExp(`^nvidia-vgpu-ubuntu(?:-\\d{3}_|-)${version}_amd64\\.deb$`)],
  ["rpm", new RegExp(`^NVIDIA-vGPU-(?:rhel|sles)-[\\w.]+-${version}\\.x86_64\\.rpm$`)],
];

/** Names of NVIDIA's other products often differ by a suffix only. The error names the product. */
const others: [RegExp, string][] = [
  [/^NVIDIA-Linux-(?!x86_64)(\w+?)-\d.*-vgpu-kvm\.run$/, "the vGPU Manager for another processor architecture"],
  [
    /^NVIDIA-vGPU-.*(?<!x86_64)\.rpm$|^nvidia-vgpu-ubuntu.*(?<!amd64)\.deb$/,
    "the vGPU Manager for another processor architecture",
  ],
  [/^NVIDIA-Linux-\w+-[\d.]+-grid\.run$|^nvidia-linux-grid/, "the driver for guests"],
  [/^NVIDIA-Linux-\w+-[\d.]+-vgpu-kvm-aie\.run$/, "the AI Enterprise edition"],
  [
    /^NVIDIA-Linux-\w+-[\d.]+(-no-compat32)?\.run$|^nvidia-driver-|^nvidia-headless-/,
    "the ordinary driver, which has no vGPU Manager",
  ],
  [/^NVIDIA-(GRID|vGPU)-?.*(vSphere|VMware|XenServer|Citrix|Nutanix|ESX)/i, "the vGPU Manager for another hypervisor"],
  [/^NVIDIA-GRID-Linux-KVM-.*\.zip$/, "the downloaded archive; the package is in its folder Host_Drivers"],
];

/** Parses a path or file name; throws if it is not a vGPU Manager for Linux KVM on x86_64. */
export function parseDriverPackage(path: string): DriverPackage {
  const file = path.split("/").pop()!;
  for (const [packaging, pattern] of vgpuManagers) {
    const found = pattern.exec(file)?.groups?.version;
    if (found) return { file, version: driverVersion(found), packaging };
  }
  const other = others.find(([pattern]) => pattern.test(file))?.[1];
  throw new UserError({
    action: `use "${file}" as the vGPU Manager package`,
    cause: other ? `by its name it is ${other}` : "its name is not that of a vGPU Manager package",
    hint: "Use NVIDIA-Linux-x86_64-VERSION-vgpu-kvm.run",
  });
}
