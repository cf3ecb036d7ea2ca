import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { isProviderFound } from "../../provider/resources/provider-module";

const folder = mkdtempSync(join(tmpdir(), "pnpm-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** Creates a program that depends on a library, which depends on this package, as pnpm installs them: dependencies are siblings. */
function installedByPnpm(name: string): { program: string; library: string; own: string } {
  const program = join(folder, name);
  const stored = (owner: string, one: string) => join(program, "node_modules/.pnpm", owner, "node_modules", one);
  const own = stored("pulumi-nvidia-vgpu@0.1.0", "pulumi-nvidia-vgpu");
  write(join(own, "package.json"), '{"name": "pulumi-nvidia-vgpu", "exports": {"./provider": "./dynamic.js"}}');
  write(join(own, "dynamic.js"), "");
  const library = stored("our-hosts@1.0.0", "our-hosts");
  write(join(library, "package.json"), '{"name": "our-hosts"}');
  link(own, stored("our-hosts@1.0.0", "pulumi-nvidia-vgpu"));
  link(library, join(program, "node_modules/our-hosts"));
  return { program, library, own };
}

/** Returns what is printed for a program in this folder. */
async function warnings(at: string): Promise<string[]> {
  vi.resetModules();
  const said: string[] = [];
  const pulumi = await import("@pulumi/pulumi");
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void said.push(text));
  vi.spyOn(process, "cwd").mockReturnValue(at);
  const { warnIfProviderIsMissing } = await import("../../provider/resources/provider-module");
  warnIfProviderIsMissing();
  warnIfProviderIsMissing();
  vi.restoreAllMocks();
  return said;
}

test("in pnpm's layout, a dependency of a library is not found from the program, and one warning says what to add", async () => {
  const { program, library } = installedByPnpm("without");
  expect(isProviderFound(library)).toBe(true);
  expect(isProviderFound(program)).toBe(false);
  expect(await warnings(program)).toEqual([
    `Pulumi loads pulumi-nvidia-vgpu/provider from the folder of the program, and it cannot be found from ${program}. ` +
      "Add pulumi-nvidia-vgpu to the dependencies of the program, also if a library of yours depends on it.",
  ]);
});

test("a dependency of the program is found, also from a folder within it, and nothing is printed", async () => {
  const { program, own } = installedByPnpm("with");
  link(own, join(program, "node_modules/pulumi-nvidia-vgpu"));
  mkdirSync(join(program, "infra"));
  expect(await warnings(program)).toEqual([]);
  expect(await warnings(join(program, "infra"))).toEqual([]);
});
