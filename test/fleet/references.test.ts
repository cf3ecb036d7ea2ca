import * as pulumi from "@pulumi/pulumi";
import { expect, expectTypeOf, test } from "vitest";
import type { SecretReference } from "../../provider/fleet";
import { FleetConnection, resolveReferences } from "../../provider/fleet";
import type { Connection } from "../../provider/model/connection";
import { connection, secretProperties } from "../../provider/model/connection";
import type { ConnectionArgs } from "../../provider/resources/connection";

const reference = { env: "PASSWORD" };
const deep = FleetConnection.parse({
  host: "gpu01.example",
  password: { env: "PASSWORD" },
  sudo: { password: { file: "sudo" } },
  proxy: {
    host: "jump.example",
    privateKey: { config: "key" },
    proxy: { host: "jump2.example", privateKeyPassword: { env: "PHRASE" } },
  },
});

test("references are resolved at any depth, and all else is unchanged", () => {
  const found = resolveReferences(deep, (one) => `<${Object.entries(one).flat().join(" ")}>`);
  expect(found).toEqual({
    host: "gpu01.example",
    password: "<env PASSWORD>",
    sudo: { password: "<file sudo>" },
    proxy: {
      host: "jump.example",
      privateKey: "<config key>",
      proxy: { host: "jump2.example", privateKeyPassword: "<env PHRASE>" },
    },
  });
  expect(connection.parse(found)).toEqual(found);
});

test("resolved to strings it is a Connection, to outputs the argument of a resource", () => {
  const texts = resolveReferences(deep, () => "text");
  const outputs = resolveReferences(deep, (): pulumi.Output<string> => pulumi.secret("text"));
  expectTypeOf(texts).toExtend<Connection>();
  expectTypeOf(outputs).toExtend<ConnectionArgs>();
  expect(pulumi.Output.isInstance(outputs.sudo?.password)).toBe(true);
});

test("absent references are not resolved", () => {
  const asked: SecretReference[] = [];
  resolveReferences(FleetConnection.parse({ host: "gpu01.example", privateKeyPath: "~/key" }), (one) =>
    asked.push(one),
  );
  expect(asked).toEqual([]);
});

const behind = (one: object) => ({ proxy: { host: "jump.example", ...one } });
const places = [(one: object) => one, behind, (one: object) => behind(behind(one))];

test.each([...secretProperties])("%s must be a reference, not a string", (property) => {
  for (const at of places) {
    expect(FleetConnection.safeParse({ host: "gpu01.example", ...at({ [property]: reference }) }).success).toBe(true);
    expect(FleetConnection.safeParse({ host: "gpu01.example", ...at({ [property]: "text" }) }).success).toBe(false);
  }
});

test("a fleet connection has the properties of the connection of resources", () => {
  expect(Object.keys(FleetConnection.shape).sort()).toEqual(Object.keys(connection.shape).sort());
});
