import type { Rule } from "./rule";
import { explainer } from "./rule";

// Errors of boot.sh and proxmox-boot.sh, each with its own advice.
const rules: Rule[] = [
  {
    line: /^the next boot would have both /,
    hint: "Remove that word from GRUB's configuration, then run it again.",
  },
  {
    line: / would change in other words, too:/,
    hint: "Make this change of the kernel's command line yourself, then run it again.",
  },
  {
    line: /^it cannot be told whether GRUB or systemd-boot starts this host/,
    hint: "Initialise the boot partition with proxmox-boot-tool init, or change the kernel's command line yourself.",
  },
  {
    line: /^systemd-boot starts this host, and there is no /,
    hint: "Write the kernel's command line into it, as in /proc/cmdline, then run it again.",
  },
];

/** Explains why the kernel's command line could not be changed. */
export const explainKernelWords = explainer(...rules);
