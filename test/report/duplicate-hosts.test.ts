import { expect, test } from "vitest";
import { unknown } from "../../provider/model/unknown";
import { emptyPlan } from "../../provider/plan";
import type { PlannedHost } from "../../provider/preview/host-preview";
import { duplicateHosts } from "../../provider/report";

const hosts = (...identities: PlannedHost["identity"][]): PlannedHost[] =>
  identities.map((identity, i) => ({ host: `gpu${i + 1}`, status: "reachable", plan: emptyPlan(), identity }));
const namesOf = (...identities: PlannedHost["identity"][]) =>
  duplicateHosts(hosts(...identities)).map((one) => one.hosts);

test("one machine under several names is found, and named by its ids", () => {
  const found = duplicateHosts(
    hosts(
      { productUuid: "p1", machineId: "m1" },
      { productUuid: "p2", machineId: "m2" },
      { productUuid: "p1", machineId: "m1" },
    ).reverse(),
  );
  expect(found).toEqual([{ hosts: ["gpu1", "gpu3"], identity: "product UUID p1, machine id m1" }]);
});

test.each<[string, PlannedHost["identity"], PlannedHost["identity"], boolean]>([
  [
    "clones of one image on hardware of their own",
    { productUuid: "p1", machineId: "m1" },
    { productUuid: "p2", machineId: "m1" },
    false,
  ],
  [
    "boards that all have the same UUID from their vendor",
    { productUuid: "p1", machineId: "m1" },
    { productUuid: "p1", machineId: "m2" },
    false,
  ],
  [
    "machines without a product UUID, by their machine id",
    { productUuid: null, machineId: "m1" },
    { productUuid: null, machineId: "m1" },
    true,
  ],
  [
    "a host of which the product UUID is unknown",
    { productUuid: unknown("not root"), machineId: "m1" },
    { productUuid: "p1", machineId: "m1" },
    true,
  ],
  ["machines without any id", { productUuid: null, machineId: null }, { productUuid: null, machineId: null }, false],
])("%s", (_what, one, other, isOne) => expect(namesOf(one, other)).toEqual(isOne ? [["gpu1", "gpu2"]] : []));
