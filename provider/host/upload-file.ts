import { basename, dirname } from "node:path";
import { retryUntil } from "../apply";
import { UserError } from "../model/errors";
import type { Ssh } from "../ssh";
import { upload } from "../ssh";

export interface UploadFileOptions {
  upload: { from: string; to: string };
  tell: (line: string) => void;
  /** How long the host may be out of reach meanwhile; what is there already is not sent again. */
  lostSeconds: number;
  signal?: AbortSignal;
}

const tellEveryMs = 10_000;
const mib = (bytes: number): string => String(Math.ceil(bytes / 2 ** 20));

/** Brings a local file to its place on the host, and says every ten seconds how far that is. */
export async function uploadFile(
  ssh: Ssh,
  { upload: { from, to }, tell, lostSeconds, signal }: UploadFileOptions,
): Promise<void> {
  let far = "waiting for the host";
  const tellNow = () => tell(`uploading ${basename(from)} to ${ssh.host}: ${far}`);
  const onProgress = (there: number, size: number) => {
    const isFirst = far === "waiting for the host";
    far = `${mib(there)} of ${mib(size)} MiB`;
    if (isFirst || there === size) tellNow();
  };
  const timer = setInterval(tellNow, tellEveryMs);
  try {
    await retryUntil(
      async () => {
        await makeFolder(ssh, dirname(to), signal);
        return upload(ssh, from, to, { onProgress, signal });
      },
      { limitSeconds: lostSeconds, signal },
    );
  } finally {
    clearInterval(timer);
  }
}

async function makeFolder(ssh: Ssh, folder: string, signal?: AbortSignal): Promise<void> {
  const what = `make the folder ${folder}`;
  const { code, stderr } = await ssh.run(["mkdir", "-p", "-m", "700", folder], { what, silenceSeconds: 60, signal });
  if (code !== 0)
    throw new UserError({ action: what, host: ssh.host, cause: stderr.trim() || `mkdir ended with ${code}` });
}
