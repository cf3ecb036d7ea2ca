import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { StepRun } from "../../provider/apply";
import { hostLibrary, stepFailure } from "../../provider/apply";
import { explainers } from "../../provider/apply/failure";
import { call } from "./local-run";

const run = (words: string[], more: Partial<StepRun>): StepRun => ({
  step: call(words, { title: "do it", device: "0000:41:00.0", limitSeconds: 60 }),
  result: "failed",
  seconds: 1,
  output: "",
  lines: [],
  ended: "1",
  ...more,
});
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
    expect(message(["some_function"], { ended: "late", lines: ["unbinding"] })).toContain(
      ": it had not ended after 60 s and was stopped; the last it printed was: unbinding. ",
    );
    expect(message(["some_function"], { ended: "late" })).toContain(": it had not ended after 60 s and was stopped. ");
  });

  it("that was killed says so", () => {
    expect(message(["some_function"], { ended: undefined })).toContain(
      ": it was ended on the host before it was done. ",
    );
  });

  it("is explained by whoever can read what the program printed", () => {
    const lines = ["Cannot obtain unbindLock for 0000:41:00.0", "failed"];
    expect(message(["enable_vfs", "0000:41:00.0"], { lines })).toContain("Cannot obtain unbindLock");
    expect(message(["create_mdev", "0000:41:00.0"], { lines })).toContain(
      ": failed; Cannot obtain unbindLock for 0000:41:00.0. ",
    );
    expect(message(["enable_vfs"], { lines: ["nobody knows this"] })).toContain(": nobody knows this. ");
  });

  it("has what any step may run into, however it ended its output", () => {
    const full = "cp: error writing '/boot/initrd.img-6.1.0-56-amd64': No space left on device";
    expect(
      message(["rebuild_initramfs", "update-initramfs"], {
        lines: ["update-initramfs: Generating /boot/initrd.img", full, "update-initramfs failed for 6.1.0-56-amd64"],
      }),
    ).toBe(
      `Could not do it on root@gpu01 for 0000:41:00.0: a file system is full: "${full}". Make room there (df -h), then run it again: what is done stays.`,
    );
    expect(
      message(["set_kernel_words"], { lines: ["sh: 1: cannot create /etc/default/grub: Read-only file system"] }),
    ).toContain("Mount it writable");
  });

  it("gives one piece of advice where the kernel's words cannot be set", () => {
    expect(
      message(["set_kernel_words"], {
        lines: ["the kernel's command line would change in other words, too: +nomodeset. All is as before"],
      }),
    ).toBe(
      "Could not do it on root@gpu01 for 0000:41:00.0: the kernel's command line would change in other words, too: +nomodeset. All is as before. " +
        "Make this change of the kernel's command line yourself, then run it again.",
    );
  });

  it("names who has what it wanted", () => {
    const lines = [
      "stopping",
      "sleep (pid 812) has /dev/nvidiactl open",
      "nvidia cannot be unloaded: Module nvidia is in use",
    ];
    expect(message(["unload_modules"], { lines })).toContain(
      `: nvidia cannot be unloaded, because it is in use: "sleep (pid 812) has /dev/nvidiactl open". End that process, then run it again: what is done stays.`,
    );
  });

  it("has who it is, what the kernel says or what sounds like a failure, where nobody knows what that means", () => {
    const of = (...lines: string[]) => message(["some_function"], { lines });
    expect(of("qemu-kvm (pid 440) runs, a virtual machine", "NVRM: rm_init failed", "the host is not idle.")).toContain(
      ": the host is not idle; qemu-kvm (pid 440) runs, a virtual machine. Put",
    );
    expect(of("NVRM: rm_init_adapter failed", "NVRM: rm_init_adapter failed", "modprobe nvidia failed")).toContain(
      ": modprobe nvidia failed; NVRM: rm_init_adapter failed. Put",
    );
    expect(of("Job for x.service failed", "25% done", "x did not start: failed:exit-code")).toContain(
      ": x did not start: failed:exit-code; Job for x.service failed. Put",
    );
    expect(of("one", "two", "three")).toContain(": three. Put");
    expect(of(`error: ${"x".repeat(1000)}`, "it failed").length).toBeLessThan(600);
  });

  it("is explained for functions that are there", () => {
    for (const name of Object.keys(explainers)) expect(hostLibrary()).toMatch(new RegExp(`^${name}\\(\\)`, "m"));
  });
});

it("no two functions of the library have the same name, since all of it is one script", () => {
  const folder = "provider/apply/host";
  const names = readdirSync(folder).flatMap(
    (file) => readFileSync(`${folder}/${file}`, "utf8").match(/^\w+(?=\(\))/gm) ?? [],
  );
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
