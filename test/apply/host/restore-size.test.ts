import { afterEach, beforeEach, expect, test } from "vitest";
import { BootedHost, lastBoot, shellOfHosts, vfAt } from "./booted-host";

let host: BootedHost;
beforeEach(() => {
  host = new BootedHost();
});
afterEach(() => host.remove("."));

/** Programs of the host that the restorer may start; all of them are counted. */
const tools = ["sync", "mv", "mkdir", "rm", "sleep", "sed", "tr", "awk", "cat", "grep", "find", "timeout", "dmesg"];

/** Restores 8 GPUs with 2 vGPUs each; returns the number of processes. */
function processesWith(vfs: number): number {
  host.remove("pci", "info", "driver", "gpus", "vgpus", "calls");
  host.addSriovManage(vfs);
  for (let n = 0; n < 8; n++) {
    const [address, identity] = [`0000:4${n}:00.0`, `GPU-${n}`];
    host.addGpu(address, { identity });
    host.write({ [`gpus/${identity}`]: `format=1\naddress=${address}\nvfs=${vfs}\ncomplete=yes\n` });
    for (const vf of [0, 3])
      host.write({
        [`vgpus/${n}${vf}000000-1111-4222-8333-000000000000`]: `format=2\ngpu=${identity}\nrestore=yes\nboot=${lastBoot}\nfunction=${vfAt(address, vf)}\nvf=${vf}\ntype=1150\nparameters=\ncomplete=yes\n`,
      });
  }
  const { code, journal } = host.restore(shellOfHosts);
  expect([code, journal.at(-1)], journal.join("\n")).toEqual([0, "25 in place, 0 not restored"]);
  return host.calls().length;
}

test("8 GPUs with 2 vGPUs each need as many processes with 4 virtual functions each as with 32", () => {
  for (const tool of tools) host.program(tool, `exec /usr/bin/env PATH=/usr/bin:/bin ${tool} "$@"`);
  const few = processesWith(4);
  expect(few).toBeLessThan(80);
  expect(processesWith(32)).toBe(few);
});
