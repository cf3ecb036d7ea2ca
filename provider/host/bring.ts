import { basename, dirname } from "node:path";
import { patiently } from "../apply";
import { UserError } from "../model/errors";
import { upload, type Ssh } from "../ssh";

export interface Bringing {
  upload: { from: string; to: string };
  tell: (line: string) => void;
  /** How long the host may be out of reach meanwhile; what is there already is not sent again. */
  lostSeconds: number;
  signal?: AbortSignal;
}

const tellEveryMs = 2000;
const mib = (bytes: number): string => String(Math.ceil(bytes / 2 ** 20));

/** Brings a local file to its place on the host. */
export async function bring(ssh: Ssh, { upload: { from, to }, tell, lostSeconds, signal }: Bringing): Promise<void> {
  let last = 0;
  const onProgress = (there: number, size: number) => {
    if (there < size && performance.now() - last < tellEveryMs) return;
    last = performance.now();
    tell(`upload ${basename(from)}: ${mib(there)} of ${mib(size)} MiB`);
  };
  await patiently(async () => {
    await makeFolder(ssh, dirname(to), signal);
    return upload(ssh, from, to, { onProgress, signal });
  }, { limitSeconds: lostSeconds, signal });
}

async function makeFolder(ssh: Ssh, folder: string, signal?: AbortSignal): Promise<void> {
  const what = `make the folder ${folder}`;
  const { code, stderr } = await ssh.run(["mkdir", "-p", "-m", "700", folder], { what, signal });
  if (code !== 0) throw new UserError({ tried: what, host: ssh.host, seen: stderr.trim() || `mkdir ended with ${code}` });
}
