import { debian } from "./debian";
import type { Family } from "./family";

export const ubuntu: Family = {
  ...debian,
  packages: { ...debian.packages, pciPfStub: (kernel) => [`linux-modules-extra-${kernel}`] },
};
