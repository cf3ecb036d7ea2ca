// @ts-check
import { BaseSequencer } from "vitest/node";

/**
 * The files that take minutes, longest first. A few workers share them, and a long one that begins last is waited for. All that need
 * no host come after the first: without the lab's image, all others wait until it is made.
 */
const longest = [
  "test/engine/bare-to-vgpu",
  "test/engine/restore",
  "test/engine/mig",
  "test/engine/version-change",
  "test/engine/fleet",
  "test/lab/behaviours/mig",
  "test/lab/behaviours/installer",
  "test/engine/drift-driver",
  "test/lab/seed-steps",
  "test/lab/behaviours/sriov",
  "test/engine/",
  "test/lab/behaviours/mdev",
  "test/lab/behaviours/verification",
  "test/lab/behaviours/vendor",
  "test/lab/behaviours/switched-off",
  "test/lab/host/",
  "test/lab/faults/",
  "test/packaging/",
  "test/secrets/",
];

/** @param {import("vitest/node").TestSpecification} file */
function rank({ moduleId }) {
  const found = longest.findIndex((part) => moduleId.includes(part));
  return found < 0 ? 0.5 : found;
}

/** Vitest sorts by earlier durations, or on a fresh checkout by the size of the files. */
export default class LongestFirst extends BaseSequencer {
  /** @override @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
