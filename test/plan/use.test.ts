import { expect, test } from "vitest";
import type { User } from "../../provider/model/facts/users";
import type { OrUnknown } from "../../provider/model/unknown";
import { unknown } from "../../provider/model/unknown";
import { isInUse, mayRun, usedReason } from "../../provider/plan/use";

const process = {
  process: { pid: 7, command: "qemu", unit: null, container: null, guest: null },
  through: "/dev/vfio/7",
};
const guest = (running: boolean) => ({ guest: "web", kind: "libvirt" as const, running });

test.each<[string, OrUnknown<User[]>, boolean, boolean]>([
  ["nobody", [], false, false],
  ["a process", [process], true, true],
  ["a guest that runs", [guest(true)], true, true],
  ["a guest that is only defined", [guest(false)], true, false],
  ["what cannot be told", unknown("find: not found"), true, true],
])("%s", (_, users, inUse, running) => {
  expect([isInUse(users), mayRun(users)]).toEqual([inUse, running]);
});

test("the reason names the user, or why it cannot be determined and what helps", () => {
  expect(usedReason("X", [process], "Stop it")).toEqual({ reason: "X is used by qemu (pid 7)", hint: "Stop it" });
  expect(usedReason("X", unknown("only root sees it"), "Stop it")).toEqual({
    reason: "who uses X could not be read: only root sees it",
    hint: "Log in as root, or with sudo",
  });
  expect(usedReason("X", unknown("find: not found"), "Stop it").hint).toBe(
    "Let the login see all processes and definitions of guests",
  );
});
