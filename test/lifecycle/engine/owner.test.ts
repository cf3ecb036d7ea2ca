import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProcessEnvironment } from "../../../provider/lifecycle/engine/owner";
import { ownerOf, ownersOf } from "../../../provider/lifecycle/engine/owner";
import { urnOf } from "../fake-host";

const urn = urnOf("MdevVgpu", "cad");
let folder: string;
let around: ProcessEnvironment;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "owner-"));
  mkdirSync(join(folder, "app"));
  mkdirSync(join(folder, "home", ".pulumi"), { recursive: true });
  around = { env: {}, cwd: join(folder, "app"), home: join(folder, "home"), hostname: "ci-7" };
});
afterEach(() => rmSync(folder, { recursive: true }));

const owner = (env: NodeJS.ProcessEnv = {}, more: Partial<ProcessEnvironment> = {}) =>
  ownerOf(urn, { ...around, env, ...more });
const write = (path: string, text: string) => writeFileSync(join(folder, path), text);

test("shows project and stack, and of the backend a digest only", () => {
  expect(owner({ PULUMI_BACKEND_URL: "https://user:hunter2@state.example" })).toMatch(/^acme\/prod#[0-9a-f]{8}$/);
});

test("is the same everywhere for the same backend, and another one for another", () => {
  const s3 = { PULUMI_BACKEND_URL: "s3://states" };
  expect(owner(s3)).toBe(owner(s3, { hostname: "laptop", cwd: folder }));
  expect(owner({ PULUMI_BACKEND_URL: "s3://states/" })).toBe(owner(s3));
  expect(owner({ PULUMI_BACKEND_URL: "s3://states?region=eu&profile=alice" })).toBe(owner(s3));
  expect(owner(s3)).not.toBe(owner({ PULUMI_BACKEND_URL: "s3://others" }));
});

test("of a local backend contains the machine and the folder", () => {
  const file = { PULUMI_BACKEND_URL: "file:///srv/state" };
  expect(owner(file)).toBe(owner({ PULUMI_BACKEND_URL: "file:///srv/./state/" }));
  expect(owner(file)).not.toBe(owner(file, { hostname: "laptop" }));
  expect(owner({ PULUMI_BACKEND_URL: "file://~" })).toBe(
    owner({ PULUMI_BACKEND_URL: `file://${join(folder, "home")}` }),
  );
});

test("two checkouts of a project with a local state are two owners", () => {
  mkdirSync(join(folder, "copy"));
  for (const place of ["app", "copy"]) write(`${place}/Pulumi.yaml`, "name: acme\nbackend: {url: 'file://./state'}\n");
  expect(owner()).not.toBe(owner({}, { cwd: join(folder, "copy") }));
});

test("searches the backend like Pulumi: environment, project file upward, login", () => {
  write("home/.pulumi/credentials.json", '{"current": "s3://login"}');
  expect(owner()).toBe(owner({ PULUMI_BACKEND_URL: "s3://login" }));
  write("Pulumi.yaml", "name: acme\nbackend:\n  url: s3://project\n");
  expect(owner()).toBe(owner({ PULUMI_BACKEND_URL: "s3://project" }));
  expect(owner({ PULUMI_BACKEND_URL: "s3://environment" })).not.toBe(owner());
  for (const variable of ["PULUMI_HOME", "PULUMI_CREDENTIALS_PATH"]) {
    rmSync(join(folder, "Pulumi.yaml"), { force: true });
    mkdirSync(join(folder, variable));
    write(`${variable}/credentials.json`, `{"current": "s3://${variable}"}`);
    expect(owner({ [variable]: join(folder, variable) })).toBe(owner({ PULUMI_BACKEND_URL: `s3://${variable}` }));
  }
});

test("a login that cannot be read counts as absent", () => {
  write("home/.pulumi/credentials.json", "{");
  expect(owner()).toBe(owner({ PULUMI_HOME: "/nowhere" }));
});

test("is kept in the state, and used for new siblings of the same stack", () => {
  const ownerIn = ownersOf((one) => `derived for ${one}`);
  const sibling = urnOf("MdevVgpu", "render");
  expect(ownerIn(urn, { owner: "acme/prod#00000001" })).toBe("acme/prod#00000001");
  expect(ownerIn(sibling, {})).toBe("acme/prod#00000001");
  const other = urnOf("MdevVgpu", "cad", "dev");
  expect(ownerIn(other, {})).toBe(`derived for ${other}`);
});
