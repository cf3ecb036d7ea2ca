import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BootedHost, gpu, hostShells, uuid } from "./booted-host";

describe.each(hostShells)("definitions of mdevctl, in %s,", (shell) => {
  let host: BootedHost;
  beforeEach(() => {
    host = new BootedHost();
    host.addGpu(gpu);
    host.addMdev(gpu);
    host.remove("vgpus");
    host.program("timeout", 'shift; exec "$@"');
    // mdevctl define -u UUID -p PARENT -t TYPE
    host.program("mdevctl", `mkdir -p ${host.root}/mdevctl.d/$5; echo "$7" >${host.root}/mdevctl.d/$5/$3`);
  });
  afterEach(() => host.remove("."));

  const defined = (parent = gpu) => existsSync(host.at("mdevctl.d", parent, uuid));
  /** Runs lines of the library. */
  const run = (lines: string) =>
    host.restore(shell, `mdevctl_definitions=${host.root}/mdevctl.d\nrestore_all() { :; }\n${lines}`);
  const create = (...words: string[]) =>
    run(`create_mdev ${gpu} 558 ${uuid} "" owner=me ${words.join(" ")}; echo "ended with $?"`);

  test("a vGPU whose record says so is defined without auto-start, and loses its definition with its record", () => {
    expect(create("restore=yes", "mdevctl=yes").journal.at(-1)).toBe("ended with 0");
    expect(host.calls()).toContain(`mdevctl define -u ${uuid} -p ${gpu} -t nvidia-558`);
    expect(defined()).toBe(true);
    run(`forget_vgpu ${uuid}`);
    expect([defined(), existsSync(host.at("vgpus", uuid))]).toEqual([false, false]);
  });

  test("a definition that is not ours is neither made nor removed", () => {
    create("restore=yes");
    expect(defined()).toBe(false);
    host.write({ [`mdevctl.d/${gpu}/${uuid}`]: "theirs\n" });
    run(`forget_vgpu ${uuid}`);
    expect(host.read(`mdevctl.d/${gpu}/${uuid}`)).toBe("theirs\n");
  });

  test("a definition that exists is not defined again, and mdevctl that refuses keeps nothing from its vGPU", () => {
    host.write({ [`mdevctl.d/${gpu}/${uuid}`]: "ours\n" });
    create("mdevctl=yes");
    expect(host.calls().filter((call) => call.startsWith("mdevctl"))).toEqual([]);
    host.remove("mdevctl.d");
    host.program("mdevctl", "echo 'Error: no folder' >&2; exit 1");
    expect(create("mdevctl=yes").journal).toEqual([
      `${uuid} is not defined in mdevctl: Error: no folder`,
      "ended with 0",
    ]);
  });

  test("a boot defines it again on a GPU that was moved, and nowhere else", () => {
    const moved = "0000:81:00.0";
    host.remove("pci", "driver", "info");
    host.addGpu(moved);
    host.addMdev(moved, gpu);
    host.write({
      [`vgpus/${uuid}`]: host.read(`vgpus/${uuid}`).replace("restore=yes", "restore=yes\nmdevctl=yes"),
      [`mdevctl.d/${gpu}/${uuid}`]: "nvidia-558\n",
    });
    const { code, journal } = host.restore(shell, `mdevctl_definitions=${host.root}/mdevctl.d`);
    expect(code, journal.join("\n")).toBe(0);
    expect([defined(gpu), defined(moved)]).toEqual([false, true]);
    expect(host.read(`vgpus/${uuid}`)).toContain("mdevctl=yes\n");
  });
});
