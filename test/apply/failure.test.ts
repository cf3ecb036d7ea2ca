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
  it("has the action, the place, and the last line of output", () => {
    expect(message(["some_function"], { lines: ["trying", "write error: Invalid argument"] })).toBe(
      "Could not do it on root@gpu01 for 0000:41:00.0: write error: Invalid argument. Fix that and run it again: completed steps are kept.",
    );
  });

  it("that printed nothing is reported by its exit code", () => {
    expect(message(["some_function"], { ended: "127" })).toContain(": it exited with 127 and printed nothing. ");
  });

  it("that took too long is reported with its last output", () => {
    expect(message(["some_function"], { ended: "late", lines: ["unbinding"] })).toContain(
      ": it did not end within 60 s and was stopped; its last output: unbinding. ",
    );
    expect(message(["some_function"], { ended: "late" })).toContain(": it did not end within 60 s and was stopped. ");
  });

  it("that was killed is reported as stopped", () => {
    expect(message(["some_function"], { ended: undefined })).toContain(
      ": it was stopped on the host before it was done. ",
    );
  });

  it("is explained by the rules of its function", () => {
    const lines = ["Cannot obtain unbindLock for 0000:41:00.0", "failed"];
    expect(message(["enable_vfs", "0000:41:00.0"], { lines })).toContain("Cannot obtain unbindLock");
    expect(message(["create_mdev", "0000:41:00.0"], { lines })).toContain(
      ": failed; Cannot obtain unbindLock for 0000:41:00.0. ",
    );
    expect(message(["enable_vfs"], { lines: ["nobody knows this"] })).toContain(": nobody knows this. ");
  });

  it("is explained by rules for all steps, on any line of the output", () => {
    const full = "cp: error writing '/boot/initrd.img-6.1.0-56-amd64': No space left on device";
    expect(
      message(["rebuild_initramfs", "update-initramfs"], {
        lines: ["update-initramfs: Generating /boot/initrd.img", full, "update-initramfs failed for 6.1.0-56-amd64"],
      }),
    ).toBe(
      `Could not do it on root@gpu01 for 0000:41:00.0: a file system is full: "${full}". Free space there (df -h), then run it again: completed steps are kept.`,
    );
    expect(
      message(["set_kernel_words"], { lines: ["sh: 1: cannot create /etc/default/grub: Read-only file system"] }),
    ).toContain("Mount it writable");
  });

  it("gives one piece of advice where the kernel's words cannot be set", () => {
    expect(
      message(["set_kernel_words"], {
        lines: ["the kernel's command line would change in other words, too: +nomodeset. Everything is unchanged"],
      }),
    ).toBe(
      "Could not do it on root@gpu01 for 0000:41:00.0: the kernel's command line would change in other words, too: +nomodeset. Everything is unchanged. " +
        "Make this change of the kernel's command line yourself, then run it again.",
    );
  });

  it("names the process that holds a device", () => {
    const lines = [
      "stopping",
      "sleep (pid 812) has /dev/nvidiactl open",
      "nvidia cannot be unloaded: Module nvidia is in use",
    ];
    expect(message(["unload_modules"], { lines })).toContain(
      `: nvidia cannot be unloaded, because it is in use: "sleep (pid 812) has /dev/nvidiactl open". End that process, then run it again: completed steps are kept.`,
    );
  });

  it("has lines on processes, of the kernel or with words of failure, if no rule applies", () => {
    const of = (...lines: string[]) => message(["some_function"], { lines });
    expect(of("qemu-kvm (pid 440) runs, a virtual machine", "NVRM: rm_init failed", "the host is not idle.")).toContain(
      ": the host is not idle; qemu-kvm (pid 440) runs, a virtual machine. Fix",
    );
    expect(of("NVRM: rm_init_adapter failed", "NVRM: rm_init_adapter failed", "modprobe nvidia failed")).toContain(
      ": modprobe nvidia failed; NVRM: rm_init_adapter failed. Fix",
    );
    expect(of("Job for x.service failed", "25% done", "x did not start: failed:exit-code")).toContain(
      ": x did not start: failed:exit-code; Job for x.service failed. Fix",
    );
    expect(of("one", "two", "three")).toContain(": three. Fix");
    expect(of(`error: ${"x".repeat(1000)}`, "it failed").length).toBeLessThan(600);
  });

  it("is explained only for functions that exist", () => {
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
