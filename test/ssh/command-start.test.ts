import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import loginCases from "./login-refusals.json";
import promptCases from "./prompts.json";
import { startCommand } from "./start-command";

describe("a login that runs no command", () => {
  it.each(loginCases)("is explained: $what", ({ stdout, stderr, hint }) => {
    const { start } = startCommand({ usesSudo: true, pieces: [stderr], stdout });
    const error = start.refusal("ended with code 1");
    expect(error).toMatchObject({ kind: "login", details: { hint } });
    expect(error.message).toContain((stderr + stdout).trim().split("\n")[0]!.trim());
  });

  it("ends at once at cloud-init's sentence, which closes the connection 10 s later only", () => {
    const stdout = 'Please login as the user "rocky" rather than the user "root".\n';
    expect(startCommand({ usesSudo: false, stdout }).events).toEqual([
      expect.stringContaining("the machine allows no login as this user"),
    ]);
  });

  it("quotes the end of a long text", () => {
    const { start } = startCommand({ usesSudo: false, stdout: `${"motd line\n".repeat(100)}the reason\n` });
    expect(start.refusal("ended with code 1").details.cause).toMatch(/^.{40,80}\(….{200,320}the reason\)$/);
  });
});

describe("an unexpected prompt", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
  afterEach(() => vi.useRealTimers());

  it.each(promptCases)("is quoted within 10 s of silence, with what it means: $what", ({ stdout, stderr, error }) => {
    const { events } = startCommand({ usesSudo: true, pieces: [stderr], stdout });
    vi.advanceTimersByTime(5_000);
    expect(events.filter((event) => event !== "prompt")).toEqual([]);
    vi.advanceTimersByTime(5_000);
    expect(events.at(-1)).toMatch(/^Could not (become root with sudo|start a command) on operator@gpu1: /);
    expect(events.at(-1)!.replace(/^.*?gpu1: /, "")).toBe(error);
  });

  it("is not seen in a greeting without a line end, after which sudo is slow", () => {
    const { events, start } = startCommand({ usesSudo: true, stdout: "Welcome", pieces: ["Loading…begun-abc\n"] });
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual([]);
    start.read("stderr", "opened-abc\n");
    expect(events).toEqual(["opened"]);
  });

  it("is not seen in our own prompt while the password is checked", () => {
    for (const prompt of ["password-abc", "[sudo: password-abc] Password: "]) {
      const { events } = startCommand({ usesSudo: true, pieces: ["begun-abc\n", prompt] });
      vi.advanceTimersByTime(60_000);
      expect(events).toEqual(["prompt"]);
    }
  });

  it("ends a complete silence after 90 s", () => {
    const { events } = startCommand({ usesSudo: true, pieces: ["begun-abc\n"] });
    vi.advanceTimersByTime(85_000);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(events).toEqual([expect.stringContaining("sudo printed nothing more for 90 s")]);
  });
});

describe("a second question under our own prompt", () => {
  const second = (between: string) =>
    startCommand({ usesSudo: true, pieces: ["begun-abc\n", "password-abc", `${between}password-abc`] }).events.at(-1);

  it.each(["", "\n", "Enter the second factor\n"])("is a second factor without a refusal between: %j", (between) => {
    expect(second(between)).toMatch(
      /sudo asks again without refusing the password.*: a second factor, which cannot be given here\. Exempt operator from it/,
    );
  });

  it.each(["Sorry, try again.\n", "Désolé, essayez de nouveau.\n", "You type like I drive.\n"])(
    "is a wrong password after any other text: %j",
    (between) => expect(second(between)).toContain(`sudo does not accept the password (${between.trim()})`),
  );
});

describe("markers", () => {
  it("are found behind output without a line end, on both streams, with any line end", () => {
    const { own, start } = startCommand({
      usesSudo: false,
      stdout: "motdopened-abc\nout\n",
      pieces: ["xopened-abc\r\nerr\n"],
    });
    expect(own).toBe("err\nout\n");
    expect(start.isOpen).toBe(true);
  });

  it("open the command where start files closed one of the streams", () => {
    expect(startCommand({ usesSudo: false, stdout: "opened-abc\nout\n" })).toMatchObject({
      own: "out\n",
      events: ["opened"],
    });
  });
});
