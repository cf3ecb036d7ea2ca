import { readFileSync } from "node:fs";
import { Client } from "ssh2";
import type { Outcome } from "./agent";

export interface ShellTarget {
  address: string;
  port: number;
  keyPath: string;
  /** `ssh-ed25519 AAAA…` */
  hostKey: string;
}

/** One kept ssh connection to a lab host as root, dialled when it is first needed and again after it was lost. */
export class Shell {
  private client?: Promise<Client>;

  constructor(private readonly target: ShellTarget) {}

  async run(command: string, timeoutMs = 600_000): Promise<Outcome> {
    const client = await (this.client ??= this.dial());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.close();
        reject(new Error(`\`${command}\` did not end within ${timeoutMs} ms`));
      }, timeoutMs);
      const lost = (): void => {
        clearTimeout(timer);
        reject(new Error(`the connection was lost during \`${command}\``));
      };
      client.once("close", lost);
      client.exec(command, (error, channel) => {
        if (error) return lost();
        let stdout = "";
        let stderr = "";
        channel.on("data", (data: Buffer) => (stdout += data));
        channel.stderr.on("data", (data: Buffer) => (stderr += data));
        channel.on("close", (code: number | null, signal?: string) => {
          clearTimeout(timer);
          client.off("close", lost);
          resolve({ code: code ?? (signal ? 128 : 255), stdout, stderr });
        });
      });
    });
  }

  async upload(local: string, remote: string): Promise<void> {
    const client = await (this.client ??= this.dial());
    await new Promise<void>((resolve, reject) =>
      client.sftp((error, sftp) =>
        error
          ? reject(error)
          : sftp.fastPut(local, remote, (failed) => (sftp.end(), failed ? reject(failed) : resolve())),
      ),
    );
  }

  close(): void {
    const client = this.client;
    this.client = undefined;
    client?.then(
      (c) => c.destroy(),
      () => undefined,
    );
  }

  private async dial(): Promise<Client> {
    const client = new Client();
    client.on("error", () => undefined); // a lost connection is seen by its close; ssh2 can report more than one error
    const expected = Buffer.from(this.target.hostKey.split(" ")[1]!, "base64");
    try {
      await new Promise<void>((resolve, reject) => {
        client
          .once("ready", resolve)
          .once("error", reject)
          .once("close", () => reject(new Error("the connection was closed")));
        client.connect({
          host: this.target.address,
          port: this.target.port,
          username: "root",
          privateKey: readFileSync(this.target.keyPath),
          readyTimeout: 20_000,
          keepaliveInterval: 10_000,
          hostVerifier: (key: Buffer) => key.equals(expected),
          algorithms: { serverHostKey: ["ssh-ed25519"], kex: ["curve25519-sha256"] },
        });
      });
    } catch (error) {
      this.client = undefined;
      client.destroy();
      throw error;
    }
    client.on("close", () => (this.client = undefined));
    client.setMaxListeners(200);
    return client;
  }
}
