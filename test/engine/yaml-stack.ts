import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Declared, StackOptions } from "./stack";
import { Stack } from "./stack";

const root = join(__dirname, "..", "..");

/** Returns PATH with the folder of Pulumi's host of YAML programs, which set-up installs. */
function pathWithYamlHost(): string {
  const setUp = [join(root, "scripts/setup.mjs")];
  execFileSync(process.execPath, [...setUp, "yaml"]);
  const paths = [
    [...setUp, "path"],
    [...setUp, "path", "yaml"],
  ].map((args) => execFileSync(process.execPath, args, { encoding: "utf8" }).trim());
  return [...paths, process.env.PATH].join(":");
}

/** A stack with a YAML program. Its resources are those of the native plugin. */
export class YamlStack extends Stack {
  /** If false, what is declared next has the program and the resources of any other stack. */
  isYaml = true;
  private readonly otherProject = readFileSync(this.projectFile, "utf8");

  constructor(name = "test", { env, ...options }: StackOptions = {}) {
    super(name, undefined, { ...options, env: { ...env, PATH: pathWithYamlHost() } });
  }

  private get projectFile(): string {
    return join(this.folder, "Pulumi.yaml");
  }

  override declare(resources: Declared[], outputs: Record<string, string> = {}): void {
    if (!this.isYaml) {
      writeFileSync(this.projectFile, this.otherProject);
      return super.declare(resources);
    }
    const program = {
      name: "vgpu-test",
      runtime: "yaml",
      options: { refresh: "always" },
      plugins: { providers: [{ name: "nvidia-vgpu", path: join(root, "plugin") }] },
      resources: Object.fromEntries(resources.map((one) => [one.name, toYaml(one)])),
      outputs,
    };
    writeFileSync(this.projectFile, JSON.stringify(program, null, 2));
  }
}

const toYaml = ({ kind, name: _, on, ...properties }: Declared) => ({
  type: `nvidia-vgpu:${kind}`,
  properties: { ...(on && { on: `\${${on}.host}` }), ...properties },
});
