import type { Rule } from "./rule";
import { explainer } from "./rule";

/** Causes before their consequences: a refused key before the module that could not be loaded for it. */
const rules: Rule[] = [
  {
    line: /has the sha256 \w+, not/,
    cause: "The package on the host is not the expected one",
    hint: "Correct `sha256`, or remove the file on the host and upload the right one.",
  },
  {
    line: /Error in MD5 checksums|Extraction failed/,
    cause: "The package is damaged",
    hint: "Download it again, and set `sha256` to the digest of the original.",
  },
  {
    line: /No space left on device/,
    cause: "A file system is full",
    hint: "Free space where the log line shows it; the package is unpacked below /var/lib/nvidia-vgpu.",
  },
  {
    line: /do not build for the kernel/,
    cause: "The new version does not build, most often because the kernel is newer than the branch",
    hint: "Nothing was removed. Use a newer release, or boot a kernel that it supports. The compiler's output is in /var/log/nvidia-vgpu-build.log.",
    details: /\berror:|\*\*\*/,
  },
  {
    line: /must be run as root/,
    cause: "The installer was not run as root",
    hint: "Log in as root, or set `sudo` in the connection.",
  },
  {
    line: /Invalid commandline/,
    cause: "The installer of this branch does not support one of its options",
    hint: "Remove `dkms` from the arguments, and report this with the name of the package.",
  },
  {
    line: /The vgpu_kvm sanity check failed/,
    cause: "The kernel was built without options that this branch of the vGPU Manager needs",
    hint: "Boot a kernel that has these options. Without mdev, use R550 or newer; branches up to R535 need it.",
    details: /CONFIG_\w+/,
  },
  {
    line: /Unable to find the development tool [`'"](\w+)/,
    cause: "The build tool $1 is missing",
    hint: 'Install it, or set `prerequisites: "install"`.',
  },
  {
    line: /do not appear to have libc header files/,
    cause: "The headers of the C library are missing",
    hint: 'Install them (libc6-dev or glibc-devel), or set `prerequisites: "install"`.',
  },
  {
    line: /Unable to find the kernel source tree/,
    cause: "The headers of the running kernel are missing",
    hint: "Install them for exactly that kernel. If the repositories no longer have them, boot the newest kernel first.",
  },
  {
    line: /appears to (?:already be|be already) loaded in your kernel/,
    cause: "An NVIDIA driver is loaded and in use",
    hint: "Stop the processes that use the GPUs (nvidia-persistenced, dcgm, an exporter), then run it again.",
  },
  {
    line: /Nouveau kernel driver is currently in use/,
    cause: "The GPUs are bound to nouveau",
    hint: "Reboot the host, which keeps nouveau from being loaded. Then run it again.",
  },
  {
    line: /installed previously using a different installer/,
    cause: "A driver of the distribution's package manager is installed, and a .run package cannot replace it",
    hint: "Remove that package first.",
  },
  {
    line: /Required key not available/,
    cause: "Secure Boot is on, and the kernel refused the unsigned modules",
    hint: "Turn Secure Boot off, or install the driver yourself with signed modules.",
  },
  {
    line: /failing symbol_get of non-GPLONLY symbol/,
    cause: "The kernel refuses the vGPU module of this old branch",
    hint: "Use a newer branch, or boot an older kernel.",
  },
  {
    line: /Unable to load the '?nvidia-vgpu-vfio'? kernel module/,
    cause: "The vGPU module found no GPU that it supports",
    hint: "Check that the GPUs are not bound to vfio-pci (lspci -nnk -d 10de:), and read the NVRM messages in dmesg.",
  },
  {
    line: /performing the step: "?Building kernel modules|Failed to run .*dkms build/,
    cause: "The modules could not be built, most often because the kernel is newer than the branch",
    hint: "Use a newer release of the branch, or boot a kernel that it supports. The whole output is in /var/log/nvidia-installer.log.",
    details: /\berror:/,
  },
  {
    line: /Unable to load the kernel module 'nvidia\.ko'/,
    cause: "The kernel did not load the module that was built",
    hint: "Read the kernel's messages in /var/log/nvidia-installer.log: the GPUs may be bound to another driver, or none is supported.",
    details: /Kernel module load error:|NVRM:/,
  },
];

/** Explains a failed installation. The installer exits with 1 for all errors; the reason is in its output (B01). */
export const explainInstaller = explainer(...rules);
