import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DesiredHost } from "../../provider/preview/desired-host";
import type { HostPreview } from "../../provider/preview/host-preview";
import type { PreviewOptions } from "../../provider/preview/preview-hosts";
import { driftText, previewJson, previewMarkdown, previewText } from "../../provider/report";
import { functionsOn, seen } from "../report/fixtures";
import { fleets } from "../report/fleets";
import { ended } from "./io";

const file = join(__dirname, "fleet.yaml");

/** In place of a look at hosts: what it was asked, and what it says. */
function looking(...outlooks: HostPreview[]) {
  const asked: { hosts: string[]; options: PreviewOptions }[] = [];
  const previewHosts = async (hosts: readonly DesiredHost[], options: PreviewOptions = {}) => {
    asked.push({ hosts: hosts.map(({ host }) => host), options });
    for (const outlook of outlooks) options.onHost?.(outlook);
    return outlooks;
  };
  return { asked, previewHosts };
}

const fine = seen("a");
const differs = seen("b", { steps: [functionsOn("0000:41:00.0")] });
const blocked = seen("c", { blockers: [{ reason: "x", hint: "y", requestedBy: ["it"] }] });

describe.each(["plan", "drift"])("%s", (verb) => {
  test.each<[string, HostPreview[], number]>([
    ["0 where all is as declared", [fine], 0],
    ["0 where a host is in maintenance", [fine, { host: "m", status: "maintenance", reason: "fan" }], 0],
    ["0 where vGPUs are only adopted", fleets["adopted-only"]!.outlooks, 0],
    ["2 where something is to be done", [fine, differs], 2],
    ["1 where something stands in the way", [fine, differs, blocked], 1],
    ["1 where a host is away", [differs, { host: "d", status: "unreachable", reason: "no route" }], 1],
    ["1 where one machine has two names", [fine, { ...fine, host: "e" }], 1],
  ])("ends with %s", async (_when, outlooks, code) =>
    expect((await ended(`${verb} ${file}`, looking(...outlooks))).code).toBe(code),
  );

  test("looks at all hosts of the file, or at those that are named", async () => {
    const all = ["gpu01.rack2.example", "gpu02.rack2.example", "gpu03.rack2.example", "t4.example"];
    const { asked, previewHosts } = looking(fine);
    await ended(`${verb} ${file}`, { previewHosts });
    await ended(`${verb} ${file} --host t4.example gpu[01-02].rack2.example --concurrency 3`, { previewHosts });
    expect(asked.map(({ hosts }) => hosts)).toEqual([all, [...all.slice(0, 2), "t4.example"]]);
    expect(asked.map(({ options }) => options.maxConnections)).toEqual([undefined, 3]);
  });

  test("has a form for programs, and one for comments", async () => {
    const { outlooks } = fleets["forty-hosts"]!;
    const json = await ended(`${verb} ${file} --json`, looking(...outlooks));
    expect(JSON.parse(json.out)).toEqual(previewJson(outlooks));
    expect(await ended(`${verb} ${file} --markdown`, looking(...outlooks))).toMatchObject({
      out: previewMarkdown(outlooks),
      code: 1,
    });
    expect(await ended(`${verb} ${file} --markdown --json`, looking(...outlooks))).toMatchObject({ code: 1, out: "" });
  });

  test("shows how far it is to those who watch, and to nobody else", async () => {
    expect(await ended(`${verb} ${file}`, { ...looking(fine, differs), isWatched: true })).toMatchObject({
      watched: ["0 of 4 hosts seen", "1 of 4 hosts seen", "2 of 4 hosts seen", ""],
      err: "",
    });
    expect(await ended(`${verb} ${file}`, looking(fine))).toMatchObject({ watched: [], err: "" });
  });

  test("lets no name steer the terminal", async () => {
    const { out } = await ended(
      `${verb} ${file}`,
      looking({ host: "a", status: "unreachable", reason: "the guest \u001b[2Jx" }),
    );
    expect(out).toContain("the guest \\x1b[2Jx");
  });
});

test("plan tells steps, and drift differences", async () => {
  const { outlooks } = fleets.drifted!;
  expect((await ended(`plan ${file}`, looking(...outlooks))).out).toBe(`${previewText(outlooks).text}\n`);
  expect((await ended(`drift ${file}`, looking(...outlooks))).out).toBe(`${driftText(outlooks)}\n`);
});

test.each([
  [
    "a host that the file does not have",
    `plan ${file} --host gpu01.rack2.exampel`,
    /^Could not select gpu01\.rack2\.exampel: .*no such host in .*fleet\.yaml\. Did you mean gpu01\.rack2\.example\?\n$/,
  ],
  [
    "a file that is not there",
    "plan nowhere.yaml",
    /^Could not read the fleet file nowhere\.yaml: there is no such file\.\n$/,
  ],
  [
    "a number that is none",
    `plan ${file} --concurrency none`,
    /'none' is invalid\. A whole number from 1 on is wanted\.\n$/,
  ],
  ["a flag that is none", `plan ${file} --jsn`, /unknown option '--jsn'/],
  ["no file", "drift", /missing required argument 'file'/],
  ["an unknown command", "plna", /unknown command 'plna'/],
])("%s is an error in a line, not a stack", async (_what, words, err) => {
  const { code, err: told, out } = await ended(words);
  expect(told).toMatch(err);
  expect(told).not.toMatch(/\n\s+at /);
  expect([code, out]).toEqual([1, ""]);
});

test("a bug shows where it is", async () => {
  const { code, err } = await ended(`plan ${file}`, {
    previewHosts: () => Promise.reject(new TypeError("x is not a function")),
  });
  expect(err).toMatch(/^This is a bug in pulumi-nvidia-vgpu: TypeError: x is not a function\n\s+at /);
  expect(code).toBe(1);
});
