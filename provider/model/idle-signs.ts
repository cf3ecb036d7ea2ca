/**
 * Signs that a host is in use and must not be rebooted. The plan uses them, and the host checks them again right before a reboot.
 * They are extended regular expressions that mean the same in JavaScript and grep -E.
 */
export const idleSigns = {
  /** Process names of virtual machines, with or without KVM. The kernel cuts names after 15 characters. */
  machineNames: "qemu-system.*|qemu-kvm|kvm|firecracker|cloud-hyperviso|crosvm",
  /** The open file of any virtual machine monitor that runs a guest with KVM. */
  machineDescriptor: "anon_inode:kvm-vm",
  /** Apptainer and Singularity stay in the host's PID namespace; the process that started the container waits for its end. */
  runtimeNames: "starter|starter-suid|appinit|sinit",
  /**
   * Control groups, as a line of /proc/PID/cgroup has them. Docker, Podman, containerd and CRI-O put an id of 64 digits in the name,
   * wherever the group is; LXC and systemd-machined (systemd-nspawn, libvirt) have their own place.
   */
  containerGroups: "[/:-][0-9a-f]{64}([.:/]|$)|/lxc(\\.payload\\.|/)[^/]|/machine(\\.slice)?/[^/]",
  /** The line of /proc/PID/status of the first process in a nested PID namespace. */
  firstInNamespace: "NSpid:(\t[0-9]+)+\t1",
  /** Package managers that do not keep a lock file open while they work. */
  packageManagerNames: "dnf|dnf5|dnf-automatic|microdnf|yum|zypper|transactional-u|tukit|rpm-ostree",
} as const;

/** Returns the signs as shell variables: `idle_machineNames='…'`. */
export const idleSignsForShell = (): string =>
  Object.entries(idleSigns)
    .map(([name, sign]) => `idle_${name}='${sign}'\n`)
    .join("");
