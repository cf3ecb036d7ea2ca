import { expect, test } from "vitest";
import {
  busOf,
  forLibvirt,
  isPciAddress,
  PciAddress,
  pciAddress,
  transformedBdf,
} from "../../provider/model/pci-address";

test.each([
  ["lspci", "82:00.0", "0000:82:00.0"],
  ["sysfs", "0000:82:00.0", "0000:82:00.0"],
  ["nvidia-smi", "00000000:C8:1F.7", "0000:c8:1f.7"],
  ["domain 1 in sysfs", "0001:c8:00.0", "0001:c8:00.0"],
  ["domain 1 in nvidia-smi", "00000001:C8:00.0", "0001:c8:00.0"],
  ["a domain of five digits, as VMD has", "10000:01:00.0", "10000:01:00.0"],
])("an address in the form of %s is parsed", (_, written, canonical) => {
  expect(pciAddress(written)).toBe(canonical);
  expect(isPciAddress(written)).toBe(true);
});

test.each([
  "",
  "82:00",
  "82:00.8",
  "82:20.0",
  "130:00.0",
  "0:130:0.0",
  "0000:82:00.0\n",
  "0000:82:00.0; reboot",
  "pci_0000_82_00_0",
  "ALL",
])("%j is rejected with an example of an address", (written) => {
  const { error } = PciAddress.safeParse(written);
  expect(error?.issues[0]?.message).toBe(`"${written}" is not a PCI address such as 0000:82:00.0`);
});

test("an address is formatted for other programs", () => {
  const address = pciAddress("0001:c8:00.4");
  expect(forLibvirt(address)).toBe("pci_0001_c8_00_4");
  expect(transformedBdf(address)).toBe("c8_00_4");
  expect(busOf(address)).toBe("0001:c8");
});
