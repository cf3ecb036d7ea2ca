import type { Rule } from "./rule";
import { explainer } from "./rule";

// strerror(ENOSPC) and strerror(EDQUOT) of the C library; apt, rpm and zypper have words of their own.
export const fullFileSystem: Rule = {
  line: /No space left on device|Disk quota exceeded|[Nn]ot enough (?:free )?(?:disk )?space|don't have enough free space|needs (?:at least )?\S+ (?:more space )?on the \S+ filesystem/,
  cause: "a file system is full",
  hint: "Make room there (df -h), then run it again: what is done stays.",
};

/** What any step may run into. It is asked behind those who know the step. */
const rules: Rule[] = [
  fullFileSystem,
  // strerror(EROFS)
  {
    line: /Read-only file system/,
    cause: "a file system cannot be written to",
    hint: "Mount it writable, and look in dmesg for why it is not, then run it again.",
  },
  // strerror(ENOMEM), and the kernel's log
  {
    line: /Cannot allocate memory|Out of memory: Killed process/,
    cause: "the host has no memory left",
    hint: "Free some, then run it again.",
  },
  // unload_modules of driver.sh, with who has a node of the driver open
  {
    line: /^(\S+) cannot be unloaded: /,
    cause: "$1 cannot be unloaded, because it is in use",
    telling: /\(pid \d+.*\) has \S+ open/,
    hint: "End that process, then run it again: what is done stays.",
  },
];

/** What a step of any kind failed for. */
export const explainAnyStep = explainer(...rules);

/**
 * Lines that tell more than others, where nobody knows what they mean: who it is, what the kernel or its drivers say, what a compiler
 * or a package manager calls an error, and what else sounds like a failure. The first kind that was printed counts.
 */
export const tellingKinds: readonly RegExp[] = [
  /\(pid \d+/,
  /\b(?:NVRM|DMAR|AMD-Vi|nvidia-vgpu-vfio|nouveau)\b.*:/,
  /\berror:|^(?:E|Error|ERROR): /,
  /\b(?:failed|failure|cannot|unable to|refused|denied|not found|no such)\b/i,
];
