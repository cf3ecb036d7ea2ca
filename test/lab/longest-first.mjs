// @ts-check
import { BaseSequencer } from "vitest/node";

/** The files that take minutes, longest first. Two workers share them, and a long one that begins last is waited for. */
const longest = [
  "test/lab/behaviours/installer", "test/lab/seed-steps", "test/engine/", "test/lab/behaviours/sriov", "test/lab/behaviours/mdev",
  "test/lab/behaviours/verification", "test/lab/behaviours/vendor", "test/lab/behaviours/switched-off",
];

/** @param {import("vitest/node").TestSpecification} file */
function rank({ moduleId }) {
  const found = longest.findIndex((part) => moduleId.includes(part));
  return found < 0 ? longest.length : found;
}

/** Vitest by itself goes by what it remembers, which on a fresh checkout is the size of the files. */
export default class LongestFirst extends BaseSequencer {
  /** @override @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
