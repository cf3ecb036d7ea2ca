import { afterAll, beforeAll, describe, test } from "vitest";
import type { LabHost, UpOptions } from "..";
import { up } from "..";

/**
 * One documented behaviour of real vGPU hosts, and the check that the lab host shows it. The number is that of the
 * table in ../README.md. A check uses ordinary commands over ssh, and throws
 * (by `expect`) if the host behaves otherwise. It leaves the host as it found it.
 */
export interface Behaviour {
  id: `B${number}`;
  title: string;
  check: (lab: LabHost) => Promise<void>;
}

export interface Section extends UpOptions {
  /** Prepares the host for all checks of the section. */
  prepare?: (lab: LabHost) => Promise<unknown>;
}

/** Runs the checks of one section, in order, on one host that ends with the section. */
export function provedOn(name: string, { prepare, ...options }: Section, behaviours: Behaviour[]): void {
  describe(name, () => {
    let lab: LabHost | undefined;
    beforeAll(async () => {
      lab = await up(options);
      await prepare?.(lab);
    });
    afterAll(() => lab?.down());
    for (const { id, title, check } of behaviours) test(`${id} ${title}`, () => check(lab!));
  });
}
