import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BootedHost, gpu } from "./booted-host";

const [first, second] = ["11111111-2222-4333-8444-555555555501", "22222222-2222-4333-8444-555555555501"];

let host: BootedHost;
beforeEach(() => {
  host = new BootedHost();
});
afterEach(() => host.remove("."));

/** A boot: what the kernel forgets is gone. */
function boot(): void {
  host.remove("pci", "driver", "info", "run");
  host.addGpu(gpu);
}

/** Ends bash in front of its command of a number, and all its children, as a power cut does; without a number, only counts. */
const cutAt = (number?: number) => `
  exec 6>&1; echo 0 >${host.root}/commands
  count_command() {
    read -r commands <${host.root}/commands; echo $((commands += 1)) >${host.root}/commands
    [ "$commands" != "${number ?? ""}" ] || kill -KILL 0
  }
  set -T; trap count_command DEBUG`;

/** All commands that the restorer runs. */
function commandsOf(): number {
  host.restore("setsid -w bash", cutAt());
  return Number(host.read("commands"));
}

const unreadable = () =>
  ["gpus", "vgpus"].flatMap((folder) =>
    readdirSync(host.at(folder))
      .filter((name) => !name.startsWith("."))
      .filter((name) => !host.read(`${folder}/${name}`).endsWith("complete=yes\n")),
  );

function record(): void {
  host.remove("gpus", "vgpus");
  host.recordGpu();
  host.recordVgpu({ id: first, vf: "1" });
  host.recordVgpu({ id: second, vf: "0" });
}

/** Expects that the restorer restores everything, and that no record was lost or doubled. */
function expectToConverge(at: string): void {
  const { code, journal, report } = host.restore("dash");
  expect([code, report], `${at}: ${journal.join("\n")}`).toEqual([0, []]);
  expect([host.typeOn(0), host.typeOn(1)], at).toEqual(["1150", "1150"]);
  expect(readdirSync(host.at("vgpus")).sort(), at).toEqual([first, second]);
  expect(existsSync(host.at("gpus")) && readdirSync(host.at("gpus")), at).toHaveLength(1);
}

describe("a restorer that is cut off in front of any of its commands", () => {
  test.each([
    ["after the next boot", true],
    ["when it is started again in the same boot", false],
  ])(
    "%s restores everything, and leaves no record that is not complete",
    (_, reboots) => {
      host.addSriovManage();
      record();
      boot();
      const all = commandsOf();
      expect(all).toBeGreaterThan(200);
      for (let number = 3; number < all; number += Math.ceil(all / 20)) {
        record();
        boot();
        const { code } = host.restore("setsid -w bash", cutAt(number));
        expect(code, `command ${number}`).not.toBe(0);
        expect(unreadable(), `command ${number}`).toEqual([]);
        if (reboots) boot();
        expectToConverge(`cut off in front of command ${number} of ${all}`);
      }
    },
    300_000,
  );
});
