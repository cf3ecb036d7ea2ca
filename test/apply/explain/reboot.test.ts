import { describe, expect, test } from "vitest";
import { stepFailure } from "../../../provider/apply/failure";
import { step } from "../../../provider/plan";

const failure = (name: string, lines: string[], ended: string | undefined = "1") =>
  stepFailure(
    {
      step: step({
        title: "reboot the host while nothing runs on it",
        reason: "x",
        command: [name, "x"],
        requestedBy: [],
      }),
      result: "failed",
      seconds: 1,
      output: "",
      lines,
      ended,
    },
    "root@gpu01",
  ).message;

describe("a reboot that failed", () => {
  test("names what prevents it", () => {
    expect(failure("reboot_when_idle", ["qemu-system-x86 (pid 440) runs, a virtual machine"])).toBe(
      "Could not reboot the host on root@gpu01: qemu-system-x86 (pid 440) runs, a virtual machine. Run pulumi up again when nothing prevents it any more.",
    );
  });

  test("that is manual has one sentence and the advice", () => {
    expect(failure("reboot_by_hand", ["nouveau is loaded"])).toBe(
      'Could not finish without a reboot on root@gpu01: nouveau is loaded. `reboot` is "never": reboot the host yourself, then run pulumi up again.',
    );
  });

  test("that was interrupted is not explained by its last line", () => {
    expect(failure("reboot_when_idle", ["rebooting: nouveau is loaded"])).not.toContain("nothing prevents it");
  });
});
