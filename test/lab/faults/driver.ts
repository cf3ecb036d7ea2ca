import type { Fault } from "./fault";
import { inGuest, plain } from "./fault";

const marks = "/run/nvidia-standin/faults";

/** Faults of the stand-in's tools, which check for a file of that name. */
const mark = (name: string, summary: string): Fault => ({
  summary,
  inject: async (lab) => void (await inGuest(lab, `mkdir -p ${marks} && touch ${marks}/${name}`)),
  clear: async (lab) => void (await inGuest(lab, `rm -f ${marks}/${name}`)),
});

/** Faults of the stand-in's kernel modules: a parameter that counts down, or stays until cleared. */
const knob = (module: string, parameter: string, argument: string, summary: string): Fault => {
  const path = `/sys/module/${module}/parameters/${parameter}`;
  const set = (value: string) =>
    `[ -w ${path} ] || { echo "no ${module} module is loaded" >&2; exit 1; }; echo ${plain(value)} > ${path}`;
  return {
    summary,
    arguments: [argument],
    inject: async (lab, value = argument.split("=")[1]!) => void (await inGuest(lab, set(value))),
    clear: async (lab) => void (await inGuest(lab, `[ ! -w ${path} ] || echo 0 > ${path}`)),
  };
};

export const driverFaults: Record<string, Fault> = {
  "sriov-manage-silent": mark("sriov-manage-silent", "sriov-manage exits with 0 and creates no VF (B35)"),
  "sriov-manage-die-midway": mark(
    "sriov-manage-die-midway",
    "sriov-manage is killed after it has unbound the GPU (B36)",
  ),
  "build-fails": mark("build-fails", "the installer cannot build its kernel modules (B04)"),
  "dkms-fails": mark("dkms-fails", "registration with DKMS fails (B09)"),
  "nvidia-smi-garbage": mark("nvidia-smi-garbage", "nvidia-smi prints garbage"),
  "nvidia-smi-hangs": mark("nvidia-smi-hangs", "nvidia-smi hangs (B145)"),
  "plain-package": mark(
    "plain-package",
    "nvidia-vgpud has no types for GPUs that support MIG, from its next start on (B132)",
  ),
  "mig-busy": knob(
    "nvidia",
    "lab_mig_busy",
    "TIMES=1",
    "this many changes of MIG mode, and resets, find another client: pending on A100 and A30, refused on others (B136, B139)",
  ),
  "mig-timeout": knob(
    "nvidia",
    "lab_mig_timeout",
    "TIMES=1",
    "this many changes of MIG mode of an A100 or A30 take too long, and are pending (B142)",
  ),
  "reset-changes-nothing": knob(
    "nvidia",
    "lab_reset_nothing",
    "TIMES=1",
    "this many resets of a GPU succeed and change nothing (B141)",
  ),
  "gpu-instance-busy": knob(
    "nvidia",
    "lab_gi_create_busy",
    "TIMES=1",
    "this many creations of a first GPU instance find another client (B103)",
  ),
  "gpu-instance-not-created": knob(
    "nvidia",
    "lab_gi_create_nothing",
    "TIMES=1",
    "this many creations of a GPU instance report success and create nothing (B84)",
  ),
  "gpu-instance-not-destroyed": knob(
    "nvidia",
    "lab_gi_destroy_busy",
    "TIMES=1",
    "this many removals of a GPU instance find another client (B109)",
  ),
  "unbindlock-held": knob(
    "nvidia",
    "lab_unbindlock_busy",
    "TIMES=1",
    "the unbindLock is refused this many times (B34)",
  ),
  "slow-vf-enable": knob("nvidia", "lab_vf_delay_ms", "MILLISECONDS=500", "binding a VF takes this long (B45)"),
  "type-write-eio": knob(
    "nvidia_vgpu_vfio",
    "lab_type_write_eio",
    "TIMES=1",
    "this many vGPU creations fail with EIO (B71)",
  ),
  "gpu-uninitialised": knob(
    "nvidia_vgpu_vfio",
    "lab_gpu_uninitialised",
    "TIMES=1",
    "this many vGPU creations find the GPU not initialised yet (B74)",
  ),
  "types-late": knob(
    "nvidia_vgpu_vfio",
    "lab_types_late_ms",
    "MILLISECONDS=3000",
    "types of new VFs appear this late (B40)",
  ),
  "types-need-vgpud": knob(
    "nvidia_vgpu_vfio",
    "lab_types_need_vgpud",
    "ON=1",
    "new VFs have no types until nvidia-vgpud runs again (B21)",
  ),
  "signature-refused": {
    summary: "the kernel loads signed modules only (B08), until the next boot",
    inject: async (lab) => void (await inGuest(lab, "echo 1 > /sys/module/module/parameters/sig_enforce")),
  },
  "half-lost": {
    summary: "every second vGPU is missing, as after a restore that stopped halfway (B81)",
    inject: async (lab) =>
      void (await inGuest(
        lab,
        `n=0
         for vgpu in /sys/bus/mdev/devices/*/remove /sys/bus/pci/devices/*/nvidia/current_vgpu_type; do
           [ -e "$vgpu" ] || continue
           case $vgpu in */current_vgpu_type) [ "$(cat $vgpu)" != 0 ] || continue; gone=0;; *) gone=1;; esac
           n=$((n + 1)); [ $((n % 2)) = 1 ] || echo $gone > $vgpu
         done`,
      )),
  },
};
