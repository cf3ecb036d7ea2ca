import type { Rule } from "./rule";
import { explainer } from "./rule";

/** In the order of what explains what: a refused key before the module that could not be loaded for it. */
const rules: Rule[] = [
  {
    line: /has the sha256 \w+, not/,
    cause: "The package on the host is not the one that was meant",
    hint: "Correct `sha256`, or remove the file on the host and bring the right one.",
  },
  {
    line: /Error in MD5 checksums|Extraction failed/,
    cause: "The package is damaged",
    hint: "Bring it over again; the digest of the original belongs into `sha256`.",
  },
  {
    line: /No space left on device/,
    cause: "A file system ran full",
    hint: "Make room where the log's line says; the package is unpacked below /var/lib/nvidia-vgpu.",
  },
  {
    line: /do not build for the kernel/,
    cause: "The new version does not build, most often because the kernel is newer than the branch",
    hint: "Nothing was taken away. Take a newer release, or boot a kernel that it supports; the compiler's output is in /var/log/nvidia-vgpu-build.log.",
    telling: /\berror:|\*\*\*/,
  },
  {
    line: /must be run as root/,
    cause: "The installer was not run as root",
    hint: "Log in as root, or as a user with sudo.",
  },
  {
    line: /Invalid commandline/,
    cause: "The installer of this branch does not know one of the options that it was given",
    hint: "Leave `dkms` out, and report this with the name of the package.",
  },
  {
    line: /The vgpu_kvm sanity check failed/,
    cause: "The kernel was built without what this branch of the vGPU Manager needs",
    hint: "Boot a kernel that has these options. Without mdev, branches up to R535 cannot be used; R550 and newer can.",
    telling: /CONFIG_\w+/,
  },
  {
    line: /Unable to find the development tool [`'"](\w+)/,
    cause: "The build tool $1 is missing",
    hint: 'Install it, or leave that to `prerequisites: "install"`.',
  },
  {
    line: /do not appear to have libc header files/,
    cause: "The headers of the C library are missing",
    hint: 'Install them (libc6-dev or glibc-devel), or leave that to `prerequisites: "install"`.',
  },
  {
    line: /Unable to find the kernel source tree/,
    cause: "The headers of the running kernel are missing",
    hint: "Install them for exactly that kernel. If they are no longer offered, boot the newest kernel first.",
  },
  {
    line: /appears to (?:already be|be already) loaded in your kernel/,
    cause: "A driver of NVIDIA's is loaded and in use",
    hint: "End what uses the GPUs (nvidia-persistenced, dcgm, an exporter), then run it again.",
  },
  {
    line: /Nouveau kernel driver is currently in use/,
    cause: "nouveau has the GPUs",
    hint: "Reboot the host: nouveau is kept out from then on. Then run it again.",
  },
  {
    line: /installed previously using a different installer/,
    cause: "A driver of the distribution's package manager is installed, over which a .run does not go",
    hint: "Remove that package first.",
  },
  {
    line: /Required key not available/,
    cause: "Secure Boot is on, and the kernel refused the unsigned modules",
    hint: "Turn Secure Boot off, or install the driver yourself with signed modules.",
  },
  {
    line: /failing symbol_get of non-GPLONLY symbol/,
    cause: "The kernel refuses the vGPU module of so old a branch",
    hint: "Take a newer branch, or boot an older kernel.",
  },
  {
    line: /Unable to load the '?nvidia-vgpu-vfio'? kernel module/,
    cause: "The vGPU module did not find a GPU to work with",
    hint: "See that the GPUs are not bound to vfio-pci (lspci -nnk -d 10de:), and what NVRM says in dmesg.",
  },
  {
    line: /performing the step: "?Building kernel modules|Failed to run .*dkms build/,
    cause: "The modules could not be built, most often because the kernel is newer than the branch",
    hint: "Take a newer release of the branch, or boot a kernel that it supports. All of it is in /var/log/nvidia-installer.log.",
    telling: /\berror:/,
  },
  {
    line: /Unable to load the kernel module 'nvidia\.ko'/,
    cause: "The kernel did not take the module that was built",
    hint: "Read the kernel's messages in /var/log/nvidia-installer.log: another driver may have the GPUs, or none is supported.",
    telling: /Kernel module load error:|NVRM:/,
  },
];

/** The installer's exit code is 1 for everything; the reason is in what it wrote (B01). null: nothing that is known here. */
export const explainInstaller = explainer(...rules);
