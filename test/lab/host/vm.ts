import { inGuest } from "../faults/fault";
import type { LabHost } from "./running-host";

/** Starts a process that holds vGPUs as a VM does, and gives its pid. `device` is the value of QEMU's sysfsdev. */
export async function startVm(lab: LabHost, name: string, device: string): Promise<number> {
  const pidfile = `/run/${name}.pid`;
  await inGuest(
    lab,
    `qemu-system-x86_64 -name guest=${name} -uuid $(uuidgen) -pidfile ${pidfile} -daemonize -device vfio-pci,sysfsdev=${device}`,
  );
  return Number(await inGuest(lab, `cat ${pidfile}`));
}

/** Ends it, and waits until it is gone. */
export const endVm = (lab: LabHost, pid: number): Promise<string> =>
  inGuest(lab, `kill ${pid}; while [ -d /proc/${pid} ]; do sleep 0.1; done`);

/**
 * Does something while a VM holds a vGPU, which is an mdev (`/sys/bus/mdev/devices/<uuid>`) or a VF that has a type
 * (`/sys/bus/pci/devices/<address>`).
 */
export async function whileVmHolds<T>(lab: LabHost, device: string, action: () => Promise<T>): Promise<T> {
  const pid = await startVm(lab, "holder", device);
  try {
    return await action();
  } finally {
    await endVm(lab, pid);
  }
}
