import type { Fault } from "./fault";
import { inGuest, plain } from "./fault";

const clearRules = "nft delete table inet lab_fault 2>/dev/null; true";

/** Faults of the connection to the host. */
export const sshFaults: Record<string, Fault> = {
  "ssh-drop-after-bytes": {
    summary: "each ssh connection is reset after this many bytes",
    arguments: ["BYTES=100000"],
    inject: async (lab, bytes = "100000") =>
      void (await inGuest(
        lab,
        `modprobe nf_conntrack && sysctl -qw net.netfilter.nf_conntrack_acct=1; ${clearRules}
         nft -f - <<'RULES'
         table inet lab_fault {
           chain out { type filter hook output priority 0; tcp sport 22 ct bytes > ${plain(bytes)} reject with tcp reset; }
           chain in { type filter hook input priority 0; tcp dport 22 ct bytes > ${plain(bytes)} reject with tcp reset; }
         }
RULES`,
      )),
    clear: async (lab) => void (await inGuest(lab, clearRules)),
  },
  "ssh-drop-after-seconds": {
    summary: "all ssh connections that are open after this many seconds are cut",
    arguments: ["SECONDS=5"],
    inject: async (lab, seconds = "5") =>
      void (await inGuest(
        lab,
        `systemd-run -q --no-block sh -c 'sleep ${plain(seconds)}; pkill -KILL -f "^sshd: .*[@]" || pkill -KILL -f "^sshd: "'`,
      )),
  },
  "sshd-stopped": {
    summary: "nothing listens on the ssh port",
    inject: async (lab) =>
      void (await inGuest(lab, "systemctl stop ssh.service ssh.socket 2>/dev/null; pkill -f '^sshd: ' || true")),
    clear: async (lab) => void (await inGuest(lab, "systemctl start ssh.service")),
  },
};
