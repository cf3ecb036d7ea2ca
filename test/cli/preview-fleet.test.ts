import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DesiredHost } from "../../provider/preview/desired-host";
import type { HostPreview } from "../../provider/preview/host-preview";
import type { PreviewOptions } from "../../provider/preview/preview-hosts";
import { driftText, previewJson, previewMarkdown, previewText } from "../../provider/report";
import { functionsOn, planned } from "../report/fixtures";
import { fleets } from "../report/fleets";
import { ended } from "./io";

const file = join(__dirname, "fleet.yaml");

/** Replaces previewHosts. Records the calls, and returns the given previews. */
function previewing(...previews: HostPreview[]) {
  const calls: { hosts: string[]; options: PreviewOptions }[] = [];
  const previewHosts = async (hosts: readonly DesiredHost[], options: PreviewOptions = {}) => {
    calls.push({ hosts: hosts.map(({ host }) => host), options });
    for (const preview of previews) options.onHost?.(preview);
    return previews;
  };
  return { calls, previewHosts };
}

const fine = planned("a");
const differs = planned("b", { steps: [functionsOn("0000:41:00.0")] });
const blocked = planned("c", { blockers: [{ reason: "x", hint: "y", requestedBy: ["it"] }] });

describe.each(["plan", "drift"])("%s", (verb) => {
  test.each<[string, HostPreview[], number]>([
    ["0 if all hosts are in sync", [fine], 0],
    ["0 if a host is in maintenance", [fine, { host: "m", status: "maintenance", reason: "fan" }], 0],
    ["0 if vGPUs are only adopted", fleets["adopted-only"]!.previews, 0],
    ["2 if there are changes", [fine, differs], 2],
    ["1 if a host is blocked", [fine, differs, blocked], 1],
    ["1 if a host is unreachable", [differs, { host: "d", status: "unreachable", reason: "no route" }], 1],
    ["1 if two hosts are one machine", [fine, { ...fine, host: "e" }], 1],
  ])("exits with %s", async (_when, previews, code) =>
    expect((await ended(`${verb} ${file}`, previewing(...previews))).code).toBe(code),
  );

  test("refuses an empty --host, as an unset variable of a script gives it", async () => {
    const { calls, previewHosts } = previewing();
    const { code, err } = await ended(`${verb} ${file} --host=`, { previewHosts });
    expect({ code, err, calls }).toMatchObject({
      code: 1,
      err: expect.stringContaining("It names no host"),
      calls: [],
    });
  });

  test("previews all hosts of the file, or only the named ones", async () => {
    const all = ["gpu01.rack2.example", "gpu02.rack2.example", "gpu03.rack2.example", "t4.example"];
    const { calls, previewHosts } = previewing(fine);
    await ended(`${verb} ${file}`, { previewHosts });
    await ended(`${verb} ${file} --host t4.example --host gpu[01-02].rack2.example --concurrency 3`, { previewHosts });
    expect(calls.map(({ hosts }) => hosts)).toEqual([all, [...all.slice(0, 2), "t4.example"]]);
    expect(calls.map(({ options }) => options.maxConnections)).toEqual([undefined, 3]);
  });

  test("prints JSON or Markdown", async () => {
    const { previews } = fleets["forty-hosts"]!;
    const json = await ended(`${verb} ${file} --json`, previewing(...previews));
    expect(JSON.parse(json.out)).toEqual(previewJson(previews));
    expect(await ended(`${verb} ${file} --markdown`, previewing(...previews))).toMatchObject({
      out: previewMarkdown(previews),
      code: 1,
    });
    expect(await ended(`${verb} ${file} --markdown --json`, previewing(...previews))).toMatchObject({
      code: 1,
      out: "",
    });
  });

  test("shows progress on a terminal only", async () => {
    expect(await ended(`${verb} ${file}`, { ...previewing(fine, differs), isWatched: true })).toMatchObject({
      watched: ["0 of 4 hosts inspected", "1 of 4 hosts inspected", "2 of 4 hosts inspected", ""],
      err: "",
    });
    expect(await ended(`${verb} ${file}`, previewing(fine))).toMatchObject({ watched: [], err: "" });
  });

  test("escapes control characters in names", async () => {
    const { out } = await ended(
      `${verb} ${file}`,
      previewing({ host: "a", status: "unreachable", reason: "the guest \u001b[2Jx" }),
    );
    expect(out).toContain("the guest \\x1b[2Jx");
  });
});

test("plan prints steps, and drift prints differences", async () => {
  const { previews } = fleets.drifted!;
  expect((await ended(`plan ${file}`, previewing(...previews))).out).toBe(`${previewText(previews).text}\n`);
  expect((await ended(`drift ${file}`, previewing(...previews))).out).toBe(`${driftText(previews)}\n`);
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
    "a number that is not one",
    `plan ${file} --concurrency none`,
    /'none' is invalid\. Must be a whole number from 1 to 65535\.\n$/,
  ],
  ["an unknown option", `plan ${file} --jsn`, /unknown option '--jsn'/],
  ["no file", "drift", /missing required argument 'file'/],
  ["an unknown command", "plna", /unknown command 'plna'/],
])("%s is reported in one line without a stack", async (_what, words, err) => {
  const { code, err: printed, out } = await ended(words);
  expect(printed).toMatch(err);
  expect(printed).not.toMatch(/\n\s+at /);
  expect([code, out]).toEqual([1, ""]);
});

test("a bug is reported with its stack", async () => {
  const { code, err } = await ended(`plan ${file}`, {
    previewHosts: () => Promise.reject(new TypeError("x is not a function")),
  });
  expect(err).toMatch(/^This is a bug in pulumi-nvidia-vgpu: TypeError: x is not a function\n\s+at /);
  expect(code).toBe(1);
});
