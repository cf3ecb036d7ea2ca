import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { parseFleet, showHost } from "../../provider/fleet";

const fleetOf = (name: string) =>
  parseFleet(
    (parse(readFileSync(join(__dirname, "cases", `${name}.yaml`), "utf8")) as { fleet: string }).fleet,
    "fleet.yaml",
  );

test("a host is shown with merged settings, and with references instead of secrets", () => {
  expect(showHost(fleetOf("merging"), "gpu02.example")).toBe(`# from group a in fleet.yaml

gpu02.example:
  connection:
    host: gpu02.example
    port: 2222
    user: root
    password:
      file: ./password
    proxy:
      host: jump2.example
      user: hop
    sudo:
      password:
        config: lab:sudo
  driver:
    version: 570.124.03
  iommu: false
  prerequisites: require
  dkms: false
  gpus:
    one:
      gpu:
        address: 0000:41:00.0
      vgpus:
        A40-8Q: 1
      named: {}
  protect: false
`);
});

test.each(["example", "merging", "upper-case", "aliases"])(
  "the output for each host of %s.yaml is a valid entry of hosts",
  (name) => {
    const fleet = fleetOf(name);
    for (const { group: _, ...host } of fleet.hosts) {
      const again = parseFleet(stringify({ version: 1, hosts: parse(showHost(fleet, host.name)) }), "fleet.yaml");
      expect(again.hosts).toEqual([host]);
    }
  },
);

test("a single host is shown as from hosts", () => {
  expect(showHost(fleetOf("example"), "t4.example")).toMatch(/^# from hosts in fleet.yaml\n/);
});

test("an unknown host is reported with the closest name", () => {
  const near = "Could not show gpu17: no such host in fleet.yaml. Did you mean gpu17.rack2.example?";
  expect(() => showHost(fleetOf("example"), "gpu17")).toThrow(near);
  expect(() => showHost(fleetOf("example"), "gpu41.rack2.example")).toThrow(/no such host in fleet\.yaml\.$/);
});
