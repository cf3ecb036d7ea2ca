import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

/** Files that OpenSSH's client needs to log in as root. */
export interface Login {
  keyPath: string;
  knownHostsPath: string;
}

const options = ({ keyPath, knownHostsPath }: Login): string[] => [
  "-F",
  "none",
  "-T",
  "-i",
  keyPath,
  ...Object.entries({
    BatchMode: "yes",
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    LogLevel: "ERROR",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: knownHostsPath,
    GlobalKnownHostsFile: "/dev/null",
  }).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
];

/** Runs a command over one connection of OpenSSH's client. Throws if it fails; its stdout is discarded. */
export async function ssh(
  login: Login,
  { address, port }: { address: string; port: number },
  command: string,
  inputPath = "/dev/null",
): Promise<void> {
  const input = openSync(inputPath, "r");
  const child = spawn("ssh", [...options(login), "-p", String(port), `root@${address}`, command], {
    stdio: [input, "ignore", "pipe"],
  });
  closeSync(input);
  let stderr = "";
  child.stderr!.on("data", (chunk) => (stderr += chunk));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`ssh to ${address}:${port} failed with exit code ${code}: ${stderr}`);
}
