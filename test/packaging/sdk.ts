import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { withLock } from "../../scripts/setup/lock.mjs";
import { cacheFolder, root } from "../../scripts/setup/places.mjs";
import { run } from "../../scripts/setup/programs.mjs";

/** A version of @pulumi/pulumi, and the Node that it runs on if that is not the one of these tests. */
export interface Sdk {
  pulumi: string;
  node?: string;
}

/** The oldest that the package supports, the one of development, and the newest. From 3.249.0 on they require Node 22. */
export const sdks: Sdk[] = [{ pulumi: "3.216.0" }, { pulumi: "3.248.0" }, { pulumi: "3.270.0", node: "22.23.3" }];

// The npm package `node` installs this one by an install script.
const nodePackage = `node-${process.platform}-${process.arch}`;

/** This checkout's package, installed next to another SDK. */
export class WithSdk {
  private readonly folder = mkdtempSync(join(tmpdir(), "vgpu-sdk-"));

  private constructor(
    private readonly cached: string,
    private readonly sdk: Sdk,
  ) {}

  static async of(sdk: Sdk): Promise<WithSdk> {
    const self = new WithSdk(await installed(sdk), sdk);
    self.link();
    return self;
  }

  get modules(): string {
    return join(this.folder, "node_modules");
  }

  get node(): string {
    return this.sdk.node ? join(this.cached, "node_modules", nodePackage, "bin", "node") : process.execPath;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  // A copy of the package: through a link, it would find this checkout's SDK.
  private link(): void {
    mkdirSync(this.modules);
    const from = join(this.cached, "node_modules");
    for (const name of readdirSync(from))
      if (!name.startsWith(".")) symlinkSync(join(from, name), join(this.modules, name));
    const own = join(this.modules, "pulumi-nvidia-vgpu");
    // With the host in memory, which is in this package too.
    const capture = "test/captures/debian-12-a40-mdev.txt";
    for (const part of ["package.json", "dist", "test/engine/grpc-host.js", capture]) {
      mkdirSync(dirname(join(own, part)), { recursive: true });
      cpSync(join(root, part), join(own, part), { recursive: true });
    }
  }
}

/** Returns the cached folder with an SDK and the dependencies of the package. */
async function installed({ pulumi, node }: Sdk): Promise<string> {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const wanted = { ...dependencies, "@pulumi/pulumi": pulumi, ...(node && { [nodePackage]: node }) };
  const text = JSON.stringify({ private: true, dependencies: wanted });
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const folder = join(cacheFolder, "sdk", `pulumi-${pulumi}-${digest}`);
  if (!existsSync(folder)) await withLock(() => (existsSync(folder) ? Promise.resolve() : install(folder, text)));
  return folder;
}

async function install(folder: string, wanted: string): Promise<void> {
  const made = `${folder}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, "package.json"), wanted);
  await run("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: made,
  });
  renameSync(made, folder);
}
