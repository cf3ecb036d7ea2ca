import type { Rule } from "./rule";
import { explainer } from "./rule";

// What boot.sh and proxmox-boot.sh say where the words cannot be set, each with its own way out.
const rules: Rule[] = [
  {
    line: /^the next boot would have \S+ beside /,
    hint: "Remove that word from where GRUB's configuration has it, then run it again.",
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
    hint: "Write the kernel's command line there, as /proc/cmdline has it, then run it again.",
  },
];

/** Why the kernel's command line could not be changed, by what its step printed. */
export const explainKernelWords = explainer(...rules);
