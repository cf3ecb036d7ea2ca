import { sanitize } from "../model/text";
import { SshError, TransientDialError } from "./errors";
import { quoted } from "./refusal";

interface Rule {
  pattern: RegExp;
  cause: string;
  hint: string;
  /** The pauses in which the server is asked again. Without them it is no ssh server. */
  pause?: { firstMs: number; longestMs: number };
}

/** What servers send in place of a version line. */
const rules: readonly Rule[] = [
  {
    // sshd since 9.8: srclimit_penalty_check_allow. The penalty is 15 s to 10 min.
    pattern: /not allowed at this time/i,
    cause: "sshd refuses connections from this address for a while, after failed logins (PerSourcePenalties)",
    hint: "Find out which logins fail (journalctl -u ssh -u sshd there), or put this address into PerSourcePenaltyExemptList in sshd_config.",
    pause: { firstMs: 5_000, longestMs: 60_000 },
  },
  {
    // sshd since 8.5.
    pattern: /exceeded maxstartups/i,
    cause: "sshd has too many connections that are not logged in yet (MaxStartups)",
    hint: "Raise MaxStartups in sshd_config there, or find out who else connects.",
    pause: { firstMs: 1_000, longestMs: 10_000 },
  },
  {
    pattern: /^HTTP\/|<html|^\+OK|^\* OK|^220[ -]|^RFB |^AMQP|^@RSYNCD|mysql|^-ERR|\blogin: ?$/im,
    cause: "no ssh server answers there",
    hint: "Check host and port.",
  },
];

/** Returns the error for a server that sent a text and no version line, or undefined if it sent none. */
export function greetingError(host: string, greeting: string): SshError | undefined {
  const text = sanitize(quoted(greeting), 200);
  if (text === "" || /^SSH-/m.test(greeting)) return undefined;
  const rule = rules.find(({ pattern }) => pattern.test(greeting));
  const details = {
    action: "reach sshd",
    host,
    cause: rule ? `${rule.cause}: "${text}"` : `the server refuses the connection before the login: "${text}"`,
    hint:
      rule?.hint ??
      "Check what keeps connections out there: /etc/hosts.deny, a firewall, or another service on this port.",
  };
  if (rule && !rule.pause) return new SshError("unreachable", details);
  return new TransientDialError(details, rule?.pause, rule !== undefined);
}
