import { isUnreachable, rebootTimedOut, retryUntil, seconds } from "../apply";
import type { Ssh } from "../ssh";
import { quoteAll } from "../ssh";

export interface RebootWait {
  /** Of the boot that has to be over. */
  bootId: string;
  bootIdFile: string;
  limitSeconds: number;
  tell: (line: string) => void;
  signal?: AbortSignal;
}

/** One look takes no longer, so that a host without a word is dialed again. */
const lookSeconds = 10;
/** Services may take long after a boot, or never end starting. */
const settleSeconds = 180;
const tellEverySeconds = 10;

/** Waits until the host has booted, and what starts at boot has started. `ssh` gives up soon. */
export async function waitForReboot(
  ssh: Ssh,
  { bootId, bootIdFile, limitSeconds, tell, signal }: RebootWait,
): Promise<void> {
  let told = 0;
  const onWait = (waited: number) => {
    if (waited - told < tellEverySeconds) return;
    told = waited;
    tell(`waiting for ${ssh.host} to come back, ${seconds(waited)}`);
  };
  const look = async () => {
    const { stdout } = await ssh.run(quoteAll(["cat", bootIdFile]), {
      what: "see whether it is back",
      as: "login",
      timeoutSeconds: lookSeconds,
      signal,
    });
    return [bootId, ""].includes(stdout.trim()) ? undefined : true;
  };
  // The end of a host that was cut off shows in nothing but silence.
  const lookAnew = () =>
    look().catch(async (error: unknown) => {
      await ssh.disconnect();
      throw error;
    });
  const isBack = await retryUntil(lookAnew, { limitSeconds, onWait, signal }).catch((error: unknown) => {
    throw isUnreachable(error) ? rebootTimedOut(ssh.host, limitSeconds, error.details.cause) : error;
  });
  if (!isBack) throw rebootTimedOut(ssh.host, limitSeconds, "it still runs, without having rebooted");
  tell(`${ssh.host} is back; waiting for its services`);
  await retryUntil(() => waitForServices(ssh, signal).then(() => true), { limitSeconds: lookSeconds, signal });
}

/** systemd tells when all that starts at boot has started; too early, VFs would never get their types (B40). */
export async function waitForServices(ssh: Ssh, signal?: AbortSignal): Promise<void> {
  const script = `
n=0
while [ $n -lt ${settleSeconds * 2} ]; do
  case $(systemctl is-system-running 2>/dev/null) in initializing | starting) sleep 0.5 ;; *) exit ;; esac
  n=$((n + 1))
done`;
  await ssh.run(script, {
    what: "wait for the services of the host",
    as: "login",
    timeoutSeconds: settleSeconds + 60,
    signal,
  });
}
