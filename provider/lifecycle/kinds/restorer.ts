import { restorerDigest } from "../../apply";

/** Returns the restorer of a goal. States of release 0.1 do not have the argument, and absent means the default. */
export const restorerOf = ({ restoreAtBoot }: { restoreAtBoot?: boolean }): string | undefined =>
  restoreAtBoot === false ? undefined : restorerDigest();
