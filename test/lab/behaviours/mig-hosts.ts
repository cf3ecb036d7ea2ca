import type { LabHost, UpOptions } from "..";
import { migCards, migVendorCards } from "../cards/sets";
import { A30, A40, A100 } from "./mig-mode";
import { H100, RTX } from "./mig-vendor";
import { L40S } from "./vendor";

export const mdevHost: UpOptions = { cards: migCards, state: "ready" };
export const vendorHost: UpOptions = { cards: migVendorCards, state: "ready", driver: "580.105.06" };

/** MIG mode of the A100 is on, and VFs of it and of the A40 are enabled. */
export const prepareMdevHost = (lab: LabHost): Promise<string> =>
  settle(lab, [
    [A40, 0, 1],
    [A30, 0, 0],
    [A100, 1, 1],
  ]);

/** MIG mode of the H100 and the RTX PRO 6000 is on, and their VFs and those of the L40S are enabled. */
export const prepareVendorHost = (lab: LabHost): Promise<string> =>
  settle(lab, [
    [L40S, 0, 1],
    [H100, 1, 1],
    [RTX, 1, 1],
  ]);

type OnOrOff = 0 | 1;

/**
 * Gives GPUs a MIG mode and VFs, and removes all vGPUs and GPU instances, whatever the host has. Returns what it has then. Starting a
 * process is what costs time in the guest, so this asks the stand-in driver itself where it can.
 */
function settle(lab: LabHost, gpus: [gpu: string, mig: OnOrOff, vfs: OnOrOff][]): Promise<string> {
  return lab.run(`
    standin=/proc/driver/nvidia/standin
    for one in /sys/bus/mdev/devices/*/remove; do [ ! -e $one ] || echo 1 > $one; done
    for one in /sys/bus/pci/devices/*/nvidia/current_vgpu_type; do
      [ ! -e $one ] || { read -r type < $one && [ $type = 0 ]; } || echo 0 > $one
    done
    instances=$(cat $standin/instances)
    while read -r gpu gi rest; do
      [ -n "$gpu" ] || continue
      case $rest in *compute=1*) echo "ci-destroy \${gpu#gpu=} \${gi#gi=}" > $standin/control ;; esac
      echo "gi-destroy \${gpu#gpu=} \${gi#gi=}" > $standin/control
    done <<END
$instances
END
    state() { grep "^bdf=$1 " $standin/gpus; }
    settle() {
      case $(state $1) in *" mig=$2 pending=$2 "*) ;; *) /usr/lib/nvidia/sriov-manage -d $1; nvidia-smi -i $1 -mig $2 ;; esac
      case $3$(state $1) in
        1*" vfs=0 "*) /usr/lib/nvidia/sriov-manage -e $1 ;;
        1* | 0*" vfs=0 "*) ;;
        0*) /usr/lib/nvidia/sriov-manage -d $1 ;;
      esac
      case $(state $1) in *" hetero=1 "*) echo "hetero $1 0" > $standin/control ;; esac
    }
    ${gpus.map((gpu) => `settle ${gpu.join(" ")} > /dev/null`).join("\n")}
    cat $standin/gpus $standin/instances $standin/vgpus`);
}
