import { expect, test } from "vitest";
import { errorMessage, isUserError, UserError } from "../../provider/model/errors";

test("an error message has action, host, device, cause and hint", () => {
  const error = new UserError({
    action: "enable the virtual functions",
    host: "kvm-1",
    device: "0000:41:00.0",
    cause: "nv-hostengine (pid 1377, nvidia-dcgm.service) holds the GPU",
    hint: "Stop it and run this again",
  });
  expect(error.message).toBe(
    "Could not enable the virtual functions on kvm-1 for 0000:41:00.0: nv-hostengine (pid 1377, nvidia-dcgm.service) holds the GPU. Stop it and run this again.",
  );
});

test("an error message leaves out missing parts", () => {
  expect(new UserError({ action: "log in", cause: "the host refused!" }).message).toBe(
    "Could not log in: the host refused!",
  );
});

test("only a UserError is a user error", () => {
  expect(isUserError(new UserError({ action: "log in", cause: "refused" }))).toBe(true);
  expect(isUserError(new TypeError("undefined is not a function"))).toBe(false);
});

test("a limit of this machine is no bug, and the message says how to raise it", () => {
  const error = Object.assign(new Error("EMFILE: too many open files"), {
    code: "EMFILE",
    syscall: "open",
    path: "/x",
  });
  expect(errorMessage(error)).toBe(
    "Could not open /x: this program may not open more files and connections. Raise the limit where it is started: " +
      "ulimit -n 4096, or LimitNOFILE of the unit, also the hard limit (ulimit -Hn).",
  );
  expect(errorMessage(Object.assign(new Error("no"), { code: "EBADMSG" }))).toMatch(/^This is a bug/);
});
