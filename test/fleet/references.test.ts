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

test("each reference is looked up, at whatever depth, and all else stays", () => {
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

test("with texts it is a connection, with outputs the argument of a resource", () => {
  const texts = resolveReferences(deep, () => "text");
  const outputs = resolveReferences(deep, (): pulumi.Output<string> => pulumi.secret("text"));
  expectTypeOf(texts).toExtend<Connection>();
  expectTypeOf(outputs).toExtend<ConnectionArgs>();
  expect(pulumi.Output.isInstance(outputs.sudo?.password)).toBe(true);
});

test("nothing is looked up before it is asked for", () => {
  const asked: SecretReference[] = [];
  resolveReferences(FleetConnection.parse({ host: "gpu01.example", privateKeyPath: "~/key" }), (one) =>
    asked.push(one),
  );
  expect(asked).toEqual([]);
});

const behind = (one: object) => ({ proxy: { host: "jump.example", ...one } });
const places = [(one: object) => one, behind, (one: object) => behind(behind(one))];

test.each([...secretProperties])("%s is a reference and never a text", (property) => {
  for (const at of places) {
    expect(FleetConnection.safeParse({ host: "gpu01.example", ...at({ [property]: reference }) }).success).toBe(true);
    expect(FleetConnection.safeParse({ host: "gpu01.example", ...at({ [property]: "text" }) }).success).toBe(false);
  }
});

test("but for secrets and sudo it is the connection of the resources", () => {
  expect(Object.keys(FleetConnection.shape).sort()).toEqual(Object.keys(connection.shape).sort());
});
