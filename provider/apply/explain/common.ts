import type { Rule } from "./rule";
import { explainer } from "./rule";

// strerror(ENOSPC) and strerror(EDQUOT) of the C library; apt, rpm and zypper have words of their own.
export const fullFileSystem: Rule = {
  line: /No space left on device|Disk quota exceeded|[Nn]ot enough (?:free )?(?:disk )?space|don't have enough free space|needs (?:at least )?\S+ (?:more space )?on the \S+ filesystem/,
  cause: "a file system is full",
  hint: "Free space there (df -h), then run it again: completed steps are kept.",
};

/** Rules for all steps. Those of the function come first. */
const rules: Rule[] = [
  fullFileSystem,
  // strerror(EROFS)
  {
    line: /Read-only file system/,
    cause: "a file system cannot be written to",
    hint: "Mount it writable, then run it again; dmesg shows why it is read-only.",
  },
  // strerror(ENOMEM), and the kernel's log
  {
    line: /Cannot allocate memory|Out of memory: Killed process/,
    cause: "the host has no memory left",
    hint: "Free some memory, then run it again.",
  },
  // unload_modules of driver.sh, with the process that has a node of the driver open
  {
    line: /^(\S+) cannot be unloaded: /,
    cause: "$1 cannot be unloaded, because it is in use",
    details: /\(pid \d+.*\) has \S+ open/,
    hint: "End that process, then run it again: completed steps are kept.",
  },
];

/** Explains errors that any step may have. */
export const explainAnyStep = explainer(...rules);

/**
 * Patterns of lines that are likely to give the reason where no rule applies: processes, messages of the kernel and its drivers, errors
 * of compilers and package managers, other words of failure. The first pattern that matches any line counts.
 */
export const detailPatterns: readonly RegExp[] = [
  /\(pid \d+/,
  /\b(?:NVRM|DMAR|AMD-Vi|nvidia-vgpu-vfio|nouveau)\b.*:/,
  /\berror:|^(?:E|Error|ERROR): /,
  /\b(?:failed|failure|cannot|unable to|refused|denied|not found|no such)\b/i,
];
