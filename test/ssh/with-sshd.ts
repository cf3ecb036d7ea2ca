import { describe } from "vitest";
import { sshdProgram } from "./sshd";

/** Tests that need OpenSSH's own server. Without it they are skipped, and the run says so. */
export const withSshd = sshdProgram ? describe : describe.skip;

if (!sshdProgram) {
  console.warn(
    "\n*** There is no sshd here (package openssh-server): tests against a real OpenSSH server are SKIPPED. ***\n",
  );
}
