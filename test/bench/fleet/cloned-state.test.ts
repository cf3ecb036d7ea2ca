import { expect, test } from "vitest";
import { firstInstance } from "../../../provider/lifecycle/instance";
import { cloneState } from "./cloned-state";
import { urnOfBench } from "./declared";

const host = (number: number) => ({
  address: `127.1.0.${number}`,
  productUuid: `uuid-${number}`,
  machineId: `machine-${number}`,
  name: `light-${number}`,
});

const resource = (number: number) => {
  const urn = urnOfBench("VgpuLayout", `layout@light-${number}`);
  return {
    urn,
    id: `127.1.0.${number}/layout@light-${number}`,
    inputs: { connection: { host: `127.1.0.${number}` } },
    outputs: {
      connection: { plaintext: JSON.stringify({ host: `127.1.0.${number}`, user: "root" }) },
      instance: firstInstance(urn),
      identity: { productUuid: `uuid-${number}`, machineId: `machine-${number}` },
    },
  };
};

test("the state of one host is copied for others, with their names, addresses, identities and instances", () => {
  const stack = { urn: urnOfBench("Stack", "the-stack") };
  const exported = JSON.stringify({ deployment: { resources: [stack, resource(1)] } });
  const all = [host(1), host(2), host(11)];
  expect(JSON.parse(cloneState(exported, host(1), all))).toEqual({
    deployment: { resources: [stack, resource(1), resource(2), resource(11)] },
  });
});
