import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hostLibrary, stepFailure, type StepRun } from "../../provider/apply";
import { explainers } from "../../provider/apply/explain";
import { call } from "./local-run";

const run = (words: string[], more: Partial<StepRun>): StepRun =>
  ({ step: call(words, { does: "do it", device: "0000:41:00.0", limitSeconds: 60 }), result: "failed", seconds: 1, output: "", lines: [], ended: "1", ...more });
const message = (words: string[], more: Partial<StepRun>) => stepFailure(run(words, more), "root@gpu01").message;

describe("the failure of a step", () => {
  it("says what was tried, where, and the last thing that was printed", () => {
    expect(message(["some_function"], { lines: ["trying", "write error: Invalid argument"] })).toBe(
      "Could not do it on root@gpu01 for 0000:41:00.0: write error: Invalid argument. Put that right and run it again: what is done stays.",
    );
  });

  it("that said nothing is told by its code", () => {
    expect(message(["some_function"], { ended: "127" })).toContain(": it ended with 127 and said nothing. ");
  });

  it("that took too long says so, and the last it printed", () => {
    expect(message(["some_function"], { ended: "late", lines: ["unbinding"] })).toContain(": it had not ended after 60 s and was stopped; the last it printed was: unbinding. ");
    expect(message(["some_function"], { ended: "late" })).toContain(": it had not ended after 60 s and was stopped. ");
  });

  it("that was killed says so", () => {
    expect(message(["some_function"], { ended: undefined })).toContain(": it was ended on the host before it was done. ");
  });

  it("is explained by whoever can read what the program printed", () => {
    const lines = ["Cannot obtain unbindLock for 0000:41:00.0", "failed"];
    expect(message(["enable_vfs", "0000:41:00.0"], { lines })).toContain("Cannot obtain unbindLock");
    expect(message(["create_mdev", "0000:41:00.0"], { lines })).toContain(": failed. ");
    expect(message(["enable_vfs"], { lines: ["nobody knows this"] })).toContain(": nobody knows this. ");
  });

  it("is explained for functions that are there", () => {
    for (const name of Object.keys(explainers)) expect(hostLibrary()).toMatch(new RegExp(`^${name}\\(\\)`, "m"));
  });
});

it("no two functions of the library have the same name, since all of it is one script", () => {
  const folder = "provider/apply/host";
  const names = readdirSync(folder).flatMap((file) => readFileSync(`${folder}/${file}`, "utf8").match(/^\w+(?=\(\))/gm) ?? []);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
