import { fullFileSystem } from "./common";
import type { Rule } from "./rule";
import { explainer } from "./rule";

const wait = "Wait until that has ended, then run it again.";
const noRepository =
  "If these are the headers of a kernel, boot one that the repositories still have headers for, or let it boot next; else set up the repository that has it.";
const network = "See that the host reaches its repositories (name server, proxy, subscription), then run it again.";
const dependencies = "Solve that with the host's package manager, then run it again.";

/** Words of apt-get and dpkg, of dnf and yum, and of zypper, in LC_ALL=C. */
const rules: Rule[] = [
  fullFileSystem,
  // Lines of boot.sh.
  {
    line: /^apt-get would have to remove /,
    hint: "If those may go, install these yourself with apt-get, then run it again.",
  },
  { line: /^zypper brought headers of another kernel than /, hint: noRepository },
  // apt: "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt-get)"
  {
    line: /^E: Could not get lock .*held by process|^E: Unable to acquire the dpkg/,
    telling: /^E: Could not get lock/,
    cause: "another package manager is at work",
    hint: wait,
  },
  // zypper: "System management is locked by the application with pid 812 (zypper)."
  { line: /^System management is locked by/, cause: "another package manager is at work", hint: wait },
  // apt: "E: Unable to locate package linux-headers-6.1.0-9-amd64", "E: Package 'dkms' has no installation candidate"
  {
    line: /^E: (?:Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate|Couldn't find any package)/,
    cause: "no repository has it",
    hint: noRepository,
  },
  // dnf: "No match for argument: kernel-devel-5.14.0-70.el9", "Error: Unable to find a match: dkms"; yum: "No package dkms available."
  {
    line: /No match for argument|Unable to find a match|^No package \S+ available/,
    cause: "no repository has it",
    hint: noRepository,
  },
  // zypper: "No provider of 'kernel-default-devel = 5.14' found.", "Package 'dkms' not found."
  { line: /^(?:No provider of|Package) '.+' (?:not )?found/, cause: "no repository has it", hint: noRepository },
  {
    line: /^E: Failed to fetch|^E: .*Could not resolve/,
    telling: /^E: Failed to fetch|Could not resolve|Could not connect/,
    cause: "a repository cannot be reached",
    hint: network,
  },
  {
    line: /Failed to download metadata|Cannot download repomd|No more mirrors to try|Could not resolve host/,
    cause: "a repository cannot be reached",
    hint: network,
  },
  {
    line: /Download \(curl\) error|Timeout exceeded when accessing|^Repository .* is invalid/,
    cause: "a repository cannot be reached",
    hint: network,
  },
  {
    line: /^E: (?:Unable to correct problems|Unmet dependencies)/,
    telling: /\b(?:Depends|Conflicts|Breaks|PreDepends): /,
    cause: "packages do not fit together",
    hint: dependencies,
  },
  {
    line: /^\s*Problem(?: \d+)?: /,
    telling: /^\s*Problem(?: \d+)?: |^\s+- /,
    cause: "packages do not fit together",
    hint: dependencies,
  },
  // dpkg: "dpkg: error processing package nvidia-dkms (--configure):"
  {
    line: /^E: Sub-process .*dpkg returned an error|^dpkg: error/,
    telling: /^dpkg: error|^ (?:installed|new|subprocess) .*(?:script|process)/,
    cause: "dpkg failed",
    hint: "Run dpkg --configure -a on the host and see what it says, then run it again.",
  },
  // The first of them is the cause of the others.
  { line: /^E: /, telling: /^E: /, hint: dependencies },
  { line: /^Error: /, telling: /^Error: /, hint: dependencies },
];

/** Why packages could not be installed. */
export const explainPackages = explainer(...rules);
