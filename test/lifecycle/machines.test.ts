import { describe, expect, test } from "vitest";
import { Machines } from "../../provider/lifecycle/machines";

const one = { productUuid: "4c4c4544-0001", machineId: "0001" };
const at = (name: string) => ({ __host: name, connection: { host: `${name}.example` } });
const machinesOf = (...names: string[]): Machines => {
  const machines = new Machines();
  for (const name of names) machines.declare(at(name));
  return machines;
};

describe("two names of one machine", () => {
  test("the second name is refused when both are new", () => {
    const machines = machinesOf("gpu01", "gpu02");
    expect(machines.refuse(at("gpu01"))!(one)).toBeUndefined();
    expect(machines.refuse(at("gpu02"))!(one)?.message).toContain("gpu01 and gpu02 are one machine");
  });

  test("a new name is refused for a machine of the state", () => {
    const machines = machinesOf("gpu01", "gpu02");
    machines.note("gpu01", { identity: one });
    expect(machines.refuse(at("gpu02"))!(one)).toBeDefined();
  });

  test("a name that the program no longer has does not count, so a host can be renamed", () => {
    const machines = machinesOf("gpu01");
    machines.note("gpu1", { identity: one });
    expect(machines.refuse(at("gpu01"))!(one)).toBeUndefined();
  });

  test("clones of one image with different hardware are two machines", () => {
    const machines = machinesOf("gpu01", "gpu02");
    machines.note("gpu01", { identity: one });
    expect(machines.refuse(at("gpu02"))!({ ...one, productUuid: "4c4c4544-0002" })).toBeUndefined();
  });
});

test("a resource that belongs to no host component is never refused", () => {
  expect(new Machines().refuse({ connection: { host: "gpu01" } })).toBeUndefined();
});
