import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { LoginServer } from "./login-server";

describe("start files of the login shell", () => {
  let pool: ConnectionPool;
  let server: LoginServer;
  beforeEach(() => void (pool = new ConnectionPool()));
  afterEach(() => {
    pool.closeAll();
    server.close();
  });

  async function run(startFiles: string, script = "echo out; cat; echo err >&2; exit 3") {
    server = await LoginServer.start({ takes: ["password"], password: "in", startFiles });
    const connection = { host: "127.0.0.1", port: server.port, password: "in", knownHosts: "off" };
    return new Ssh(connection, pool).run(script, { input: "input\n" });
  }

  it.each([
    ["print nothing", ""],
    ["print a line", "echo Welcome"],
    ["print without a line end", "printf Welcome; printf Warning >&2"],
    ["print the begin of our own output", "printf out"],
    ["trace what they run", "set -x"],
    ["close stderr", "exec 2>/dev/null"],
  ])("do not mix with the output of a command if they %s", async (_what, startFiles) => {
    expect(await run(startFiles)).toEqual({
      code: 3,
      stdout: "out\ninput\n",
      stderr: startFiles.includes("/dev/null") ? "" : "err\n",
    });
  });

  it("that end the shell are an error, with the code", async () => {
    await expect(run("exit 5")).rejects.toThrow(
      /^Could not start a command on root@127.0.0.1:\d+: logged in, but the login ended with code 5 and ran no command\. /,
    );
  });

  it("that ask get no answer, not even from our script", async () => {
    await expect(run('printf "Proceed? " >&2; read -r answer; echo "got $answer"')).rejects.toThrow(
      'a prompt that was not expected and cannot be answered here: "Proceed?"',
    );
  }, 15_000);
});
