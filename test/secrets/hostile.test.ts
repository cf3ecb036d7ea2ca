import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LocalTestHost, request } from "../host/local-test-host";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";

/** A step that writes its arguments to a file, each ended by a null byte. */
const recorder = `record() { to=$1 && shift && printf '%s\\0' "$@" >"$to"; }`;

withSshd("arguments with shell characters", () => {
  let sshd: Sshd;
  let bench: LocalTestHost;
  beforeAll(async () => {
    sshd = await Sshd.start("127.0.0.43");
    bench = new LocalTestHost(sshd.connection, recorder);
  });
  afterAll(async () => {
    LocalTestHost.removeAll();
    await sshd.remove();
  });

  /** Each would create a file if a shell evaluated it. */
  const hostile = (): string[] => {
    const owned = `touch ${bench.path("owned")}`;
    return [
      `$(${owned})`,
      `\`${owned}\``,
      `; ${owned}`,
      `| ${owned}`,
      `& ${owned} &`,
      `\n${owned}\n`,
      `\r\n${owned}`,
      `'; ${owned}; '`,
      `"; ${owned}; "`,
      `'\n}\n${owned}\n{\n'`,
      `\\'; ${owned} #`,
      `>${bench.path("owned")}`,
      `\${x:=$(${owned})}`,
      `$'\\n'${owned}`,
      "*",
      "~root",
      "-n",
      "--",
      "",
      " ",
      "%s%n",
      "a=b",
      "{",
      "}",
      "\u001b[2J",
      "\u202Egnp",
      "日本語🦄",
      "é",
      `EOF\n${owned}`,
      `--boundary end\n${owned}`,
      `'$(${owned})`.repeat(20_000),
      "x".repeat(1 << 20),
      "'".repeat(1 << 20),
    ];
  };

  it("hostile arguments reach the step unchanged, and are evaluated neither there nor in titles, reasons and keys", async () => {
    const words = hostile();
    const keys = words.map((word) => word.slice(0, 2000));
    const file = (i: number) => bench.path(`words-${i}`);
    keys.forEach((key, i) => {
      const isDone = () => existsSync(file(i));
      const one = {
        title: `do ${words[i]}`,
        reason: `of ${key}`,
        command: ["record", file(i), words[i]!, "end"],
        requestedBy: [key],
        device: key,
      };
      bench.planned[key] = () => (isDone() ? [] : [{ ...bench.step(key), ...one, id: `step ${i} ${key}` }]);
    });
    const host = bench.host();
    const outcomes = await Promise.all(keys.map((key) => host.ensure(request(key))));
    expect(outcomes.map(({ failure }) => failure?.message)).toEqual(keys.map(() => undefined));
    expect(words.map((_, i) => readFileSync(file(i), "utf8"))).toEqual(words.map((word) => `${word}\0end\0`));
    expect(bench.has("owned")).toBe(false);
    expect(readFileSync(join(bench.folder, "lock"), "utf8")).toMatch(/^run-[\w-]+\n$/);
  });

  it("the test detects a step that evaluates its argument", async () => {
    const leak = new LocalTestHost(sshd.connection, `record() { eval "$2"; : >"$1"; }`);
    const key = "leaking";
    leak.planned[key] = () =>
      leak.has("done")
        ? []
        : [leak.step(key, { command: ["record", leak.path("done"), `touch ${leak.path("owned")}`] })];
    await leak.host().ensure(request(key));
    expect(leak.has("owned")).toBe(true);
  });
});
