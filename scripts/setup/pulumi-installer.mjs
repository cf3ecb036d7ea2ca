import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./programs.mjs";
import { pinnedVersion } from "./pulumi-go.mjs";

const address = "https://get.pulumi.com/install.sh";

/**
 * Installs CLI, language hosts and launchers by Pulumi's own installer.
 * @param {string} folder
 */
export async function install(folder) {
  const script = join(folder, "install.sh");
  const installed = join(folder, "installed");
  await run("curl", ["-fsSL", "--connect-timeout", "5", "--max-time", "20", "-o", script, address]);
  await run("sh", [script, "--no-edit-path", "--install-root", installed, "--version", pinnedVersion("cli")], {
    timeoutSeconds: 300,
  });
  const programs = join(installed, "bin");
  for (const name of readdirSync(programs)) renameSync(join(programs, name), join(folder, name));
  rmSync(installed, { recursive: true });
  rmSync(script);
}
