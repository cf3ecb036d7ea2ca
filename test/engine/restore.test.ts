import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { gpuInstances } from "../lab/behaviours/devices";
import { inGuest } from "../lab/faults/fault";
import { Random } from "../plan/random";
import type { Cut, CutAtWrite } from "./boot-faults";
import { cutPower, mendBoot, spoilBoots, timesOf, waitForBootAfterCuts, writeFile } from "./boot-faults";
import { typesOn } from "./declared";
import { defineGuest } from "./libvirt-guest";
import { placesOf } from "./mig-program";
import { onLab } from "./on-lab";
import {
  cards,
  declaredOn,
  expectedOn,
  first,
  migPlaces,
  ofGuest,
  replaced,
  second,
  swapped,
  unreadableFiles,
  uuidsOfGpus,
  vgpusByGpu,
} from "./restored-host";
import type { Outcome } from "./stack";

const unit = "nvidia-vgpu-restore.service";
/** The drop-in of docs/restore.md, with its path. */
const [, dropIn, dropInText] = /# (\/etc\/systemd\/system\/\S+)\n([^`]*)/.exec(
  readFileSync(join(__dirname, "..", "..", "docs", "restore.md"), "utf8"),
)!;

onLab("a host that reboots with nobody connected", { cards, state: "ready" }, ({ lab, stack }) => {
  const journal = () => lab().run(`journalctl -b -u ${unit} -o cat --no-pager`);
  const isActive = async (name: string) => (await lab().sh(`systemctl is-active ${name}`)).stdout.trim();
  const guestState = async () => (await lab().sh("virsh domstate cad-01")).stdout.trim();
  const instances = async (gpu: string) => placesOf(await gpuInstances(lab(), gpu));
  const random = new Random(Date.now() % 1_000_000);
  const inTheRestore = (): Cut => ({ seconds: random.below(1200) / 100 });
  const inTheWriting = (calls: number): CutAtWrite => ({
    call: 1 + random.below(calls),
    when: random.oneOf(["before", "after"]),
  });
  /** A power cut now or in this boot, and one in the restore of the next boot. */
  async function cutTwice(now: CutAtWrite | "at once", atBoot: Cut): Promise<void> {
    console.log(`power cuts: ${JSON.stringify([now, atBoot])}`);
    await cutPower(lab(), now, [atBoot]);
  }
  let gpus: Awaited<ReturnType<typeof uuidsOfGpus>>;
  let before: string[];

  beforeAll(async () => {
    await writeFile(lab(), dropIn!, dropInText!);
    await writeFile(lab(), "/etc/default/libvirt-guests", "SHUTDOWN_TIMEOUT=1");
    await defineGuest(lab(), "cad-01", ofGuest);
    gpus = await uuidsOfGpus(lab());
    stack().declare(declaredOn(lab(), gpus));
  });

  /** Expects everything as `up` made it. */
  async function expectEverything(mig: string): Promise<void> {
    expect(await vgpusByGpu(lab()), await journal()).toEqual(before);
    expect(await instances(mig), await journal()).toBe(migPlaces);
    expect(await isActive(unit)).toBe("active");
    const preview = await stack().preview("--refresh", "--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  }

  describe("after a power cut in an up that writes its files, and one in the restore after it", () => {
    let up: Outcome;
    beforeAll(async () => {
      await cutTwice(inTheWriting(30), inTheRestore());
      up = await stack().up();
      await waitForBootAfterCuts(lab());
    });

    test("no file is unreadable, and the next up makes everything once", async () => {
      expect(up.code, up.output).not.toBe(0);
      expect(await unreadableFiles(lab())).toBe("");
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      before = await vgpusByGpu(lab());
      const [onT4, ...onA30] = before.map((line) => line.replace(/ .* /, " ")).sort();
      expect(onT4).toMatch(/^GPU-1eb8\S+ T4-4Q$/);
      expect(onA30).toEqual(expectedOn(gpus));
      expect(await unreadableFiles(lab())).toBe("");
      expect(await lab().run("find /etc/nvidia-vgpu /usr/local/lib/nvidia-vgpu -name '*.new'")).toBe("");
    });
  });

  describe("after a power cut right after up, and one while the restorer writes its files", () => {
    beforeAll(async () => {
      await cutTwice("at once", inTheWriting(14));
      await waitForBootAfterCuts(lab());
    });

    test("VFs, MIG mode, GPU instances and the vGPUs of each of several like GPUs are there, and a preview finds no change", () =>
      expectEverything(second));

    test("a libvirt guest with autostart starts by itself, after its vGPU was restored", async () => {
      await expect.poll(guestState, { timeout: 120_000, interval: 2_000 }).toBe("running");
      expect((await timesOf(lab(), "libvirtd")).begun).toBeGreaterThan((await timesOf(lab(), unit)).ended);
      expect(await isActive("libvirt-guests")).toBe("active");
    });
  });

  describe("after a clean reboot with two like GPUs in each other's slot, a late nvidia-vgpud, and an unbindLock that is held for a while", () => {
    const late = "/etc/systemd/system/nvidia-vgpud.service.d/late.conf";
    const held = "/etc/modprobe.d/held.conf";
    beforeAll(async () => {
      await writeFile(lab(), late, "[Service]\nExecStartPre=/bin/sleep 20");
      await writeFile(lab(), held, "options nvidia lab_unbindlock_busy=2");
      await inGuest(lab(), "virsh -q destroy cad-01; virsh -q autostart --disable cad-01");
      await lab().replug(swapped);
      await lab().run(`rm ${late} ${held}`);
    });

    test("each GPU has its own vGPUs, and a preview finds no change, although nvidia-vgpud was late by 20 s and a GPU was held open", async () => {
      await expectEverything(first);
      expect(await journal()).toContain("is held open; trying again");
      expect(await journal()).toContain(`${gpus[1]} was moved from ${second} to ${first}`);
      expect((await timesOf(lab(), unit)).begun).toBeGreaterThan((await timesOf(lab(), "nvidia-vgpud")).ended);
    });
  });

  describe("after a reboot in which much is wrong", () => {
    let preview: Outcome;

    beforeAll(async () => {
      await inGuest(lab(), "virsh -q autostart cad-01");
      await spoilBoots(lab(), { heldGpu: second, type: "A30-2-12C" });
      await lab().replug(replaced);
      preview = await stack().preview("--refresh", "--diff", "--expect-no-changes");
    });

    test("what is possible is there, also below a VM that was started by hand during the restore", async () => {
      expect(await typesOn(lab()), await journal()).toEqual(["A30-1-6C", "A30-1-6C"]);
      expect(before).toEqual(expect.arrayContaining(await vgpusByGpu(lab())));
      expect(await instances(first)).toBe(migPlaces);
      expect(await lab().run("cat /run/by-hand; systemctl is-active by-hand")).toBe("activating\nactive\n");
    });

    test.each([
      [
        "a GPU that is held open",
        /0000:82:00\.0: Cannot obtain unbindLock for 0000:82:00\.0: sleep \(pid \d+\) has it open/,
      ],
      ["a GPU that is missing", /vGPU \S+: the GPU GPU-1eb8\S+ is missing/],
      ["a GPU that was replaced", /0001:c8:00\.0 has another GPU now, GPU-2236\S+, which is skipped/],
      ["a type that the driver does not offer", /vGPU \S+: 0000:41:\S+ offers no type 690/],
      [
        "a record that cannot be written",
        /vGPU (\S+): \/etc\/nvidia-vgpu\/vgpus\/\1 cannot be written \(Read-only file system\): is the disk full or read-only\?/,
      ],
    ])("the journal reports %s", async (_, words) => expect(await journal()).toMatch(words));

    test.each([
      [
        "who holds a GPU open",
        "functions",
        /VFs are off \(0 of 8\), and sleep \(pid \d+ of exporter\.service\) holds 0000:82:00\.0/,
      ],
      ["a GPU that is missing", "desktop", /there is no GPU "T4"/],
      ["a GPU that was replaced", "third", /which is not there any more; now .*A10.* is found instead/],
      ["a type that the driver does not offer", "mig-backed", /has no vGPU type A30-2-12C/],
      ["virtual functions that are off", "first", /VFs are off \(0 of 8\)/],
    ])("the preview reports %s", (_, name, words) => {
      expect(preview.code, preview.output).toBe(7);
      const lines = preview.output
        .split("\n")
        .filter((line) => line.includes(`[${name}@`) || line.startsWith("blocked: "));
      expect(lines.join("\n"), preview.output).toMatch(words);
    });

    test("a guest whose vGPU is missing does not start, nor does a unit that requires the restore", async () => {
      expect(await isActive(unit)).toBe("failed");
      expect(await isActive("libvirt-guests")).toBe("inactive");
      expect(await guestState()).toBe("shut off");
      expect(await lab().run("journalctl -b --no-pager -u libvirtd -u libvirt-guests")).toMatch(
        /mediated device .* not found/,
      );
    });
  });

  describe("when most of it is right again, and the disk is full", () => {
    const restart = async () => (await lab().sh("systemctl restart nvidia-vgpu-restore")).code;
    /** Of the GPUs that are there, and of types that the driver had when it was loaded. */
    const possible = () => before.filter((line) => /^GPU-20b7/.test(line) && !/A30-(8C|2-12C)$/.test(line));

    beforeAll(async () => {
      await mendBoot(lab());
      await inGuest(
        lab(),
        `rm -r ${dropIn}; systemctl daemon-reload; fallocate -l $(df -B1 --output=avail / | tail -n 1) /full; cat /dev/zero >>/full; true`,
      );
    });

    test("a restart creates what is possible, once, and reports that the disk is full", async () => {
      expect(await restart()).toBe(1);
      expect(await vgpusByGpu(lab()), await journal()).toEqual(possible());
      expect(await journal()).toMatch(
        /vGPU (\S+): \/etc\/nvidia-vgpu\/vgpus\/\1 cannot be written \(No space left on device\): is the disk full or read-only\?/,
      );
    });

    test("once the disk has space, a restart completes the records, and reports only GPUs and types that are not there", async () => {
      await lab().run("rm /full");
      expect(await restart()).toBe(1);
      expect(await vgpusByGpu(lab()), await journal()).toEqual(possible());
      expect(await lab().run("cd /etc/nvidia-vgpu; ls gpus vgpus | grep -c -")).toBe("12\n");
      expect(await unreadableFiles(lab())).toBe("");
      const reported = (await lab().run("cat /run/nvidia-vgpu/restore")).trim().split("\n");
      expect(reported.filter((line) => !/is missing$|has another GPU now|offers no type 690$/.test(line))).toEqual([]);
    });
  });
});
