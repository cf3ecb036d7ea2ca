/** Where sysfs shows PCI functions, and mediated devices, by name. */
export const devices = "/sys/bus/pci/devices";
export const mdevs = "/sys/bus/mdev/devices";
