import { basename, dirname } from "node:path";
import { retryUntil } from "../apply";
import { UserError } from "../model/errors";
import type { Ssh } from "../ssh";
import { upload } from "../ssh";

export interface UploadFileOptions {
  upload: { from: string; to: string };
  report: (line: string) => void;
  /** How long the host may be unreachable meanwhile. What has arrived is not sent again. */
  lostSeconds: number;
  signal?: AbortSignal;
}

const reportEveryMs = 10_000;
const mib = (bytes: number): string => String(Math.ceil(bytes / 2 ** 20));

/** Uploads a local file, and reports the progress every ten seconds. */
export async function uploadFile(
  ssh: Ssh,
  { upload: { from, to }, report, lostSeconds, signal }: UploadFileOptions,
): Promise<void> {
  let progress = "waiting for the host";
  const reportNow = () => report(`uploading ${basename(from)} to ${ssh.host}: ${progress}`);
  const onProgress = (there: number, size: number) => {
    const isFirst = progress === "waiting for the host";
    progress = `${mib(there)} of ${mib(size)} MiB`;
    if (isFirst || there === size) reportNow();
  };
  const timer = setInterval(reportNow, reportEveryMs);
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
  const what = `create the folder ${folder}`;
  const { code, stderr } = await ssh.run(["mkdir", "-p", "-m", "700", folder], { what, silenceSeconds: 60, signal });
  if (code !== 0)
    throw new UserError({ action: what, host: ssh.host, cause: stderr.trim() || `mkdir exited with ${code}` });
}
