import { isUnreachable, rebootTimedOut, retryUntil, seconds } from "../apply";
import type { Ssh } from "../ssh";
import { quoteAll } from "../ssh";

export interface RebootWait {
  /** The boot that has to end. */
  bootId: string;
  bootIdFile: string;
  limitSeconds: number;
  report: (line: string) => void;
  signal?: AbortSignal;
}

/** Time limit of one attempt, after which a silent host is dialed again. */
const attemptSeconds = 10;
/** Services may take long after a boot, or never finish starting. */
const servicesSeconds = 180;
const reportEverySeconds = 10;

/** Waits until the host has booted and its services have started. Each attempt to connect by `ssh` should end soon. */
export async function waitForReboot(
  ssh: Ssh,
  { bootId, bootIdFile, limitSeconds, report, signal }: RebootWait,
): Promise<void> {
  let lastReport = 0;
  const onWait = (waited: number) => {
    if (waited - lastReport < reportEverySeconds) return;
    lastReport = waited;
    report(`waiting for ${ssh.host} to come back, ${seconds(waited)}`);
  };
  const readBootId = async () => {
    const { stdout } = await ssh.run(quoteAll(["cat", bootIdFile]), {
      what: "check whether the host is back",
      as: "login",
      timeoutSeconds: attemptSeconds,
      signal,
    });
    return [bootId, ""].includes(stdout.trim()) ? undefined : true;
  };
  // A host that was cut off shows only by its silence, so a new connection is needed.
  const checkHost = () =>
    readBootId().catch(async (error: unknown) => {
      await ssh.disconnect();
      throw error;
    });
  const isBack = await retryUntil(checkHost, { limitSeconds, onWait, signal }).catch((error: unknown) => {
    throw isUnreachable(error) ? rebootTimedOut(ssh.host, limitSeconds, error.details.cause) : error;
  });
  if (!isBack) throw rebootTimedOut(ssh.host, limitSeconds, "the host still runs and has not rebooted");
  report(`${ssh.host} is back; waiting for its services`);
  await retryUntil(() => waitForServices(ssh, signal).then(() => true), { limitSeconds: attemptSeconds, signal });
}

/** Waits until systemd has started all units of the boot. VFs that are enabled earlier would never get their types (B40). */
export async function waitForServices(ssh: Ssh, signal?: AbortSignal): Promise<void> {
  const script = `
n=0
while [ $n -lt ${servicesSeconds * 2} ]; do
  case $(systemctl is-system-running 2>/dev/null) in initializing | starting) sleep 0.5 ;; *) exit ;; esac
  n=$((n + 1))
done`;
  await ssh.run(script, {
    what: "wait for the services of the host",
    as: "login",
    timeoutSeconds: servicesSeconds + 60,
    signal,
  });
}
