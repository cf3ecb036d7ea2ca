import { fullFileSystem } from "./common";
import type { Rule } from "./rule";
import { explainer } from "./rule";

const wait = "Wait until it has ended, then run it again.";
const noRepository =
  "For headers of a kernel, boot a kernel that the repositories still have headers for, or select it for the next boot. For other packages, set up the repository that has them.";
const network =
  "Make sure that the host reaches its repositories (name server, proxy, subscription), then run it again.";
const dependencies = "Fix this with the host's package manager, then run it again.";

/** Messages of apt-get and dpkg, of dnf and yum, and of zypper, in LC_ALL=C. */
const rules: Rule[] = [
  fullFileSystem,
  // Lines of packages.sh.
  {
    line: /^apt-get would have to remove /,
    hint: "If they may be removed, install the packages yourself with apt-get, then run it again.",
  },
  { line: /^zypper installed headers of another kernel than /, hint: noRepository },
  // apt: "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt-get)"
  {
    line: /^E: Could not get lock .*held by process|^E: Unable to acquire the dpkg/,
    details: /^E: Could not get lock/,
    cause: "another package manager is running",
    hint: wait,
  },
  // zypper: "System management is locked by the application with pid 812 (zypper)."
  { line: /^System management is locked by/, cause: "another package manager is running", hint: wait },
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
    details: /^E: Failed to fetch|Could not resolve|Could not connect/,
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
    details: /\b(?:Depends|Conflicts|Breaks|PreDepends): /,
    cause: "packages conflict",
    hint: dependencies,
  },
  {
    line: /^\s*Problem(?: \d+)?: /,
    details: /^\s*Problem(?: \d+)?: |^\s+- /,
    cause: "packages conflict",
    hint: dependencies,
  },
  // dpkg: "dpkg: error processing package nvidia-dkms (--configure):"
  {
    line: /^E: Sub-process .*dpkg returned an error|^dpkg: error/,
    details: /^dpkg: error|^ (?:installed|new|subprocess) .*(?:script|process)/,
    cause: "dpkg failed",
    hint: "Run dpkg --configure -a on the host and fix what it reports, then run it again.",
  },
  // The first error is the cause of the others.
  { line: /^E: /, details: /^E: /, hint: dependencies },
  { line: /^Error: /, details: /^Error: /, hint: dependencies },
];

/** Explains why packages could not be installed. */
export const explainPackages = explainer(...rules);
