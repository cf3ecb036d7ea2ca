import { gzipSync } from "node:zlib";
import type { Entry } from "./archive";
import { ar, tar } from "./archive";
import type { Release } from "./tables";

/** Where the package keeps what its maintainer scripts need: the same payload as the .run, installer included. */
const home = (release: Release): string => `usr/src/nvidia-vgpu-${release.version}`;

const control = (release: Release, kib: number): string => `Package: nvidia-vgpu-ubuntu-${release.branch}
Version: ${release.version}
Architecture: amd64
Maintainer: pulumi-nvidia-vgpu test lab
Installed-Size: ${kib}
Depends: gcc, make, libc6-dev, pciutils
Suggests: dkms
Section: non-free/kernel
Priority: optional
Description: NVIDIA vGPU Manager (stand-in of a test lab)
 Holds no NVIDIA code. It takes the place of NVIDIA's package on the lab's hosts.
`;

/**
 * The kernel modules are compiled at configuration, by the .run's installer, which writes its log as ever. Nothing is
 * loaded: that is left to the reboot.
 */
const postinst = (release: Release): string => `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
/${home(release)}/nvidia-installer --silent --from-deb
`;

const prerm = (release: Release): string => `#!/bin/sh
set -e
/${home(release)}/nvidia-installer --silent --uninstall --from-deb
`;

/** What a .run looks for before it installs over a package of another kind (B07). */
const alternateInstall = (release: Release): string =>
  `The NVIDIA vGPU Manager was installed as the package nvidia-vgpu-ubuntu-${release.branch}. Remove it with apt before you use another kind of package.\n`;

export function debianPackage(release: Release, payload: Entry[]): Buffer {
  const data: Entry[] = [
    ...payload.map((entry) => ({ ...entry, path: `${home(release)}/${entry.path}` })),
    { path: "usr/lib/nvidia/alternate-install-present", content: alternateInstall(release) },
  ];
  const kib = Math.ceil(data.reduce((sum, entry) => sum + entry.content.length, 0) / 1024);
  const scripts: Entry[] = [
    { path: "control", content: control(release, kib) },
    { path: "postinst", content: postinst(release), mode: 0o755 },
    { path: "prerm", content: prerm(release), mode: 0o755 },
  ];
  return ar([
    { name: "debian-binary", data: Buffer.from("2.0\n") },
    { name: "control.tar.gz", data: gzipSync(tar(scripts, "./"), { level: 9 }) },
    { name: "data.tar.gz", data: gzipSync(tar(data, "./"), { level: 9 }) },
  ]);
}
