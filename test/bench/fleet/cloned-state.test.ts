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

const layout = (number: number) => resource("VgpuLayout", `layout@light-${number}`, number);
const driver = (number: number) => resource("VgpuManagerInstall", `driver@light-${number}`, number);

const resource = (kind: string, name: string, number: number) => {
  const urn = urnOfBench(kind, name);
  return {
    urn,
    id: `127.1.0.${number}/${name}`,
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
  const exported = JSON.stringify({ deployment: { resources: [stack, layout(1)] } });
  const all = [host(1), host(2), host(11)];
  expect(JSON.parse(cloneState(exported, host(1), all))).toEqual({
    deployment: { resources: [stack, layout(1), layout(2), layout(11)] },
  });
});

test("the resources that come first are first for all hosts, as in the state that up writes", () => {
  const exported = JSON.stringify({ deployment: { resources: [driver(1), layout(1)] } });
  expect(JSON.parse(cloneState(exported, host(1), [host(1), host(2)])).deployment.resources).toEqual([
    driver(1),
    driver(2),
    layout(1),
    layout(2),
  ]);
});
