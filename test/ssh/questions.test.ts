import { afterEach, describe, expect, it } from "vitest";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { LoginServer } from "./login-server";

describe("a login that asks", () => {
  let server: LoginServer;
  const pool = new ConnectionPool();
  afterEach(() => server.close());

  async function logIn(questions: string[], { banner = "", password = "open sesame" } = {}) {
    server = await LoginServer.start({ takes: ["keyboard-interactive"], password, questions, banner });
    const connection = { host: "127.0.0.1", port: server.port, password: "open sesame", knownHosts: "off" };
    return new Ssh({ ...connection, agentSocketPath: "/nonexistent" }, pool).run("echo in");
  }

  it.each(["Password: ", "Passwort: ", "(root@gpu01) Password: "])(
    "for the password is answered: %s",
    async (question) => {
      expect((await logIn([question])).stdout).toBe("in\n");
      expect(server.answers).toEqual(["open sesame"]);
    },
  );

  it.each([
    [
      ["Password: ", "Verification code: "],
      "a second factor is asked for, which cannot be given here",
      "Verification code:",
      "AuthenticationMethods",
    ],
    [["First Factor: "], "a second factor is asked for", "First Factor:", "/etc/pam.d/sshd"],
    [["Password: ", "New password: "], "a change of the password is asked for", "New password:", "passwd root"],
    [["Password: ", "Password: "], "a password is asked for by a prompt that is not ours", "Password:", "by hand"],
  ])("for more is an error with the question, and gets no answer: %j", async (questions, cause, quoted, hint) => {
    const error = (await logIn(questions).catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ kind: "login", message: expect.stringContaining(`${cause}`) });
    expect(error.message).toContain(quoted);
    expect(error.message).toContain(hint);
    expect(server.answers).toEqual(questions.slice(1).map(() => "open sesame"));
    expect(error.message).not.toContain("open sesame");
  });

  it("names the reason that a banner has for the refusal", async () => {
    const banner = 'Please login as the user "fedora" rather than the user "root".';
    await expect(logIn(["Password: "], { banner, password: "other" })).rejects.toThrow("Set connection.user: fedora.");
  });
});
