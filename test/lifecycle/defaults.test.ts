import { describe, expect, test } from "vitest";
import type { Handler } from "../../provider/lifecycle/handler";
import type { State } from "../../provider/lifecycle/state";
import { rowsByName, tablesIn, textOf } from "../docs/markdown";
import { checked, connection, factsOf, stage } from "./fake-host";

const on = stage(factsOf("debian-12-a40-mdev"));
const gpu = { model: "A40" };
const kinds: Record<string, { handler: Handler; required: State }> = {
  VgpuManagerInstall: { handler: on.driver, required: { version: "550.163.02" } },
  MigEnablement: { handler: on.mig, required: { enabled: [gpu] } },
  SriovEnablement: { handler: on.sriov, required: { gpus: "all" } },
  VgpuLayout: { handler: on.layout, required: { gpu } },
  MdevVgpu: { handler: on.vgpu, required: { gpu, type: "A40-4Q" } },
};

/** Values for defaults that the reference describes in words. null: no value means the same as none. */
const inWords: Record<string, unknown> = {
  // Without any GPU, the arguments are refused.
  "MigEnablement.enabled": null,
  "MdevVgpu.parameters": null,
  "MdevVgpu.uuid": null,
  "MdevVgpu.virtualFunction": null,
  "VgpuManagerInstall.dkms": null,
  "VgpuManagerInstall.package": null,
  "VgpuManagerInstall.sha256": null,
  "VgpuManagerInstall.version": null,
  "connection.agentSocketPath": null,
  "connection.knownHosts": null,
  "connection.sudo": {},
};

/** Returns the default that the reference has for each property. A default that is new has to be a literal, or in the table above. */
function defaultsOf(heading: string): [name: string, value: unknown][] {
  const table = tablesIn(textOf("docs/resources.md")).find(
    (one) => one.heading === heading && one.columns[0] === "property",
  )!;
  return [...rowsByName(table)].flatMap(([name, { default: written, type }]): [string, unknown][] => {
    const key = `${heading}.${name}`;
    if (written === "") return [];
    if (key in inWords) return inWords[key] === null ? [] : [[name, inWords[key]]];
    return [[name, literal(key, written!.replaceAll("`", ""), type!)]];
  });
}

function literal(key: string, text: string, type: string): unknown {
  if (text === "none" && type.startsWith("list")) return [];
  if (text === "none" && type.startsWith("`{")) return {};
  const [, value] = /^("\w+"|-?\d+|true|false)(?: \(.*\))?$/.exec(text) ?? [];
  if (value !== undefined) return JSON.parse(value);
  if (/^[\w-]+$/.test(text) && type === "string") return text;
  throw new Error(`the default of ${key} is ${text}: add it to the table of this test`);
}

/** Returns whether changing one set of arguments to the other is a difference, in both directions. */
async function changes(kind: string, one: State, other: State): Promise<unknown[]> {
  const { handler, required } = kinds[kind]!;
  const [a, b] = await Promise.all([one, other].map((more) => checked(handler, kind, "x", { ...required, ...more })));
  const last = { pending: [], appliedAt: "1", schemaVersion: 2 };
  const diffs = [await handler.diff("x", { ...a, ...last }, b!), await handler.diff("x", { ...b, ...last }, a!)];
  return diffs.map((diff) => diff.changes);
}

const none = [false, false];

describe.each(Object.keys(kinds))("%s", (kind) => {
  test.each(defaultsOf(kind))(
    `the default of ${kind}.%s is no difference when it is written out: %j`,
    async (name, value) => {
      expect(await changes(kind, {}, { [name]: value })).toEqual(none);
    },
  );

  test.each(defaultsOf("connection"))(
    "the default of connection.%s is no difference when it is written out: %j",
    async (name, value) => {
      expect(await changes(kind, {}, { connection: { ...connection, [name]: value } })).toEqual(none);
    },
  );
});

test("the defaults of a jump host are no difference when they are written out", async () => {
  const of = (more: object) => ({ connection: { ...connection, proxy: { host: "a", ...more } } });
  const written = Object.fromEntries(defaultsOf("connection").filter(([name]) => !/sudo|readOnly/.test(name)));
  expect(Object.keys(written).length).toBeGreaterThan(3);
  expect(
    await changes("MdevVgpu", of({ proxy: { host: "b" } }), of({ ...written, proxy: { host: "b", ...written } })),
  ).toEqual(none);
});

test.each([
  ["A40-24Q", "NVIDIA A40-24Q"],
  ["A40-24Q", "GRID A40-24Q"],
  ["561", "nvidia-561"],
])("the types %s and %s are the same", async (one, other) => {
  expect(await changes("MdevVgpu", { type: one }, { type: other })).toEqual(none);
  expect(await changes("VgpuLayout", { vgpus: { [one]: 1 } }, { vgpus: { [other]: 1 } })).toEqual(none);
  const uuid = "00000043-1111-4222-8333-000000000043";
  expect(
    await changes("VgpuLayout", { named: { a: { type: one, uuid } } }, { named: { a: { type: other, uuid } } }),
  ).toEqual(none);
});

test("values other than the defaults are differences", async () => {
  const isDifference = [undefined, undefined];
  for (const more of [{ port: 2222 }, { user: "ops" }, { dialErrorLimit: 0 }, { sudo: { password: "a" } }])
    expect(await changes("MdevVgpu", {}, { connection: { ...connection, ...more } })).toEqual(isDifference);
  expect(await changes("VgpuManagerInstall", {}, { rebootTimeout: 1801 })).toEqual(isDifference);
  expect(await changes("VgpuLayout", { vgpus: { "A40-24Q": 1 } }, { vgpus: { "NVIDIA A40-24Q": 2 } })).toEqual(
    isDifference,
  );
  expect(await changes("VgpuLayout", {}, { takeOver: ["unrecorded"] })).toEqual(isDifference);
});
