/**
 * By what a host shows that it is at work, so that it must not be rebooted. The plan goes by these signs, and the host itself does
 * in the last moment: extended regular expressions that JavaScript and grep -E read alike.
 */
export const idleSigns = {
  /** Names of processes that are virtual machines, with or without KVM. The kernel cuts names after 15 characters. */
  machineNames: "qemu-system.*|qemu-kvm|kvm|firecracker|cloud-hyperviso|crosvm",
  /** What a process of any virtual machine monitor has open that runs a guest with KVM. */
  machineDescriptor: "anon_inode:kvm-vm",
  /** Apptainer and Singularity stay in the host's PID namespace; the process that started the container waits for its end. */
  runtimeNames: "starter|starter-suid|appinit|sinit",
  /**
   * Control groups, as a line of /proc/PID/cgroup has them. Docker, Podman, containerd and CRI-O put an id of 64 digits in the name,
   * wherever the group lies; LXC and systemd-machined (systemd-nspawn, libvirt) have a place of their own.
   */
  containerGroups: "[/:-][0-9a-f]{64}([.:/]|$)|/lxc(\\.payload\\.|/)[^/]|/machine(\\.slice)?/[^/]",
  /** The line of /proc/PID/status of a process that is the first in a PID namespace below ours. */
  firstInNamespace: "NSpid:(\t[0-9]+)+\t1",
  /** Package managers without a lock file that they have open for as long as they are at work. */
  packageManagerNames: "dnf|dnf5|dnf-automatic|microdnf|yum|zypper|transactional-u|tukit|rpm-ostree",
} as const;

/** The same as variables of sh: `idle_machineNames='…'`. */
export const idleSignsForShell = (): string =>
  Object.entries(idleSigns)
    .map(([name, sign]) => `idle_${name}='${sign}'\n`)
    .join("");
