import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { connection } from "../../provider/model/connection";
import { DriverArguments } from "../../provider/model/desired/driver";
import { MigArguments } from "../../provider/model/desired/mig";
import { SriovArguments } from "../../provider/model/desired/sriov";
import { LayoutArguments, VgpuArguments } from "../../provider/model/desired/vgpu";
import { HostFacts } from "../../provider/model/facts/host-facts";
import { GpuSelector } from "../../provider/model/gpu-selector";
import { endpoint } from "../../provider/ssh/endpoint";
import type { Member } from "./declared";
import { declaredIn } from "./declared";
import { rowsByName, tablesIn, textOf } from "./markdown";

const document = textOf("docs/resources.md");
const tables = tablesIn(document);
const table = (heading: string, first: "property" | "output") => {
  const found = tables.find((one) => one.heading === heading && one.columns[0] === first);
  if (!found) throw new Error(`docs/resources.md has no table of ${first} below "${heading}"`);
  return rowsByName(found);
};

type Shape = Record<string, z.ZodType>;
const kinds: [string, Shape, string][] = [
  ["VgpuManagerInstall", DriverArguments.shape, "vgpu-manager-install"],
  ["MigEnablement", MigArguments.shape, "mig-enablement"],
  ["SriovEnablement", SriovArguments.shape, "sriov-enablement"],
  ["VgpuLayout", LayoutArguments.shape, "vgpu-layout"],
  ["MdevVgpu", VgpuArguments.shape, "mdev-vgpu"],
];

/** Returns the default of a property; undefined if it has none, or none that is known before. */
const defaultOf = (type: z.ZodType): unknown => {
  const { success, data } = type.safeParse(undefined);
  return success ? data : undefined;
};
const isRequired = (type: z.ZodType) => !type.safeParse(undefined).success;
const isEmpty = (value: unknown) => typeof value === "object" && value !== null && Object.keys(value).length === 0;
const literal = /^(true|false|-?\d+|"[^"]*")$/;

/** Expects that a document has the right default of a property. */
function expectRight(name: string, type: z.ZodType, written: string | undefined): void {
  const value = defaultOf(type);
  const text = written?.replaceAll("`", "") ?? "";
  if (isRequired(type)) expect(text, name).toBe("");
  else if (isEmpty(value)) expect(text, name).toBe("none");
  else if (value !== undefined) expect(text, name).toBe(JSON.stringify(value));
  else expect(text, name).not.toMatch(literal);
}

/** Returns names as `{type, uuid?}`, with a mark for those that are optional. */
const asWords = (shape: Shape) =>
  `{${Object.entries(shape)
    .map(([name, type]) => (isRequired(type) ? name : `${name}?`))
    .join(", ")}}`;

const shapeWithin = (type: z.ZodType): Shape => {
  const { def, shape } = type as unknown as { def: { innerType?: z.ZodType; valueType?: z.ZodType }; shape?: Shape };
  return shape ?? shapeWithin(def.innerType ?? def.valueType!);
};

describe.each(kinds)("%s", (kind, shape, file) => {
  const members = declaredIn(`provider/resources/${file}.ts`);

  test("the reference has each argument, with its default", () => {
    const rows = table(kind, "property");
    expect([...rows.keys()].sort()).toEqual(Object.keys(shape).sort());
    for (const [name, type] of Object.entries(shape)) expectRight(name, type, rows.get(name)!.default);
  });

  test("the class for programs has each argument, with the same default", () => {
    const given = members.get(`${kind}Args`)!;
    expect(given.map(({ name }) => name).sort()).toEqual(Object.keys(shape).sort());
    for (const { name, default: written } of given) expectRight(name, shape[name]!, written);
  });

  test("the reference has each output", () => {
    expect([...table(kind, "output").keys()].sort()).toEqual(
      members
        .get(kind)!
        .map(({ name }) => name)
        .sort(),
    );
  });
});

test("the reference has the arguments and outputs that all resources share", () => {
  const common = declaredIn("provider/resources/host-resource.ts");
  const names = (from: string) =>
    common
      .get(from)!
      .map(({ name }) => name)
      .sort();
  expect([...table("Which host", "property").keys()].sort()).toEqual(names("HostResourceArgs"));
  expect([...table("Outputs of all resources", "output").keys()].sort()).toEqual(names("HostResource"));
});

describe("arguments of a connection", () => {
  const rows = table("connection", "property");
  const { shape } = connection;

  test("the reference has each property of a connection", () => {
    expect([...rows.keys()].sort()).toEqual(Object.keys(shape).sort());
  });

  test("the types for programs have each property of a connection", () => {
    const members = declaredIn("provider/resources/connection.ts");
    const names = (of: string) => members.get(of)!.map(({ name }: Member) => name);
    expect([...names("LoginArgs"), ...names("ConnectionArgs")].sort()).toEqual(Object.keys(shape).sort());
    expect(names("SudoArgs")).toEqual(Object.keys(shapeWithin(shape.sudo)));
  });

  test("the reference and the JSDoc have the defaults that a connection uses", () => {
    const { port, user, dialErrorLimit, dialTimeoutMs } = endpoint({ host: "gpu01.example" });
    const dialed: Record<string, unknown> = { port, user, dialErrorLimit, perDialTimeout: dialTimeoutMs / 1000 };
    const comments = new Map(
      declaredIn("provider/resources/connection.ts")
        .get("LoginArgs")!
        .map((one) => [one.name, one.default]),
    );
    for (const [name, value] of Object.entries(dialed)) {
      expect(rows.get(name)!.default!.replaceAll("`", ""), name).toBe(String(value));
      expect(comments.get(name), name).toBe(JSON.stringify(value));
    }
    for (const [name, row] of rows) if (!(name in dialed)) expect(row.default, name).not.toMatch(literal);
  });

  test("the reference states that a jump host has the same properties, which is true", () => {
    expect(rows.get("proxy")!.meaning).toContain("the same properties, and a `proxy` of its own");
    expect([...Object.keys(shapeWithin(shape.proxy)), "sudo", "readOnly"].sort()).toEqual(Object.keys(shape).sort());
  });

  test("the reference marks the secret properties of a connection", async () => {
    const { secretProperties } = await import("../../provider/model/connection");
    const marked = [...rows].filter(([, { type }]) => /secret/.test(type!)).map(([name]) => name);
    expect(marked.sort()).toEqual([...secretProperties].sort());
  });
});

test("the reference has the properties of nested objects", () => {
  expect(table("connection", "property").get("sudo")!.type).toContain(asWords(shapeWithin(connection.shape.sudo)));
  expect(table("VgpuLayout", "property").get("named")!.type).toContain(
    `{name: ${asWords(shapeWithin(LayoutArguments.shape.named))}}`,
  );
});

test("the reference has each way to select a GPU", () => {
  const section = document.split(/^## /m).find((part) => part.startsWith("Which GPU"))!;
  const keys = GpuSelector.options.flatMap((option) => ("shape" in option ? Object.keys(option.shape) : []));
  expect(keys.sort()).toEqual(["address", "index", "model", "slot", "uuid"]);
  for (const key of keys) expect(section, key).toMatch(new RegExp(`\\{[^}]*\\b${key}: `));
});

test("the reference has each fact that inspectHost returns", () => {
  const facts = tables.find(({ heading, columns }) => heading === "inspectHost" && columns[0] === "fact")!;
  expect([...rowsByName(facts).keys()].sort()).toEqual(Object.keys(HostFacts.shape).sort());
});
