import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gpuInstances } from "../lab/behaviours/devices";
import { mixedCards } from "../lab/cards/sets";
import { inGuest } from "../lab/faults/fault";
import { atBoot, cutPowerDuringRestores, notAtBoot, timesOf, writeFile } from "./boot-faults";
import type { Vgpus } from "./declared";
import { connectionTo, typesOn } from "./declared";
import { defineGuest } from "./libvirt-guest";
import { uuidsOn } from "./manual-changes";
import { placesOf } from "./mig-program";
import { onLab } from "./on-lab";
import type { Declared, Outcome } from "./stack";

const unit = "nvidia-vgpu-restore.service";
const [a40, a100] = ["0000:41:00.0", "0000:c4:00.0"];
/** UUID of the vGPU that a libvirt guest has. */
const ofGuest = "11111111-1111-4111-8111-111111111111";

/** The drop-in of docs/restore.md, with its path. */
const [, dropIn, dropInText] = /# (\/etc\/systemd\/system\/\S+)\n([^`]*)/.exec(
  readFileSync(join(__dirname, "..", "..", "docs", "restore.md"), "utf8"),
)!;

onLab("a host that reboots with nobody connected", { cards: mixedCards, state: "ready" }, ({ lab, stack }) => {
  const journal = () => lab().run(`journalctl -b -u ${unit} -o cat --no-pager`);
  const isActive = async (name: string) => (await lab().sh(`systemctl is-active ${name}`)).stdout.trim();
  const guestState = async () => (await lab().sh("virsh domstate cad-01")).stdout.trim();
  const instances = async () => placesOf(await gpuInstances(lab(), a100));
  let before: string[];
  let restoreSeconds = 15; // measured below

  beforeAll(async () => {
    await writeFile(lab(), dropIn!, dropInText!);
    await writeFile(lab(), "/etc/default/libvirt-guests", "SHUTDOWN_TIMEOUT=1");
    await defineGuest(lab(), "cad-01", ofGuest);
    const gpus = ["A100", "A40", "A10"].map((model) => ({ model }));
    const layout = (model: string, vgpus: Vgpus, named = {}): Declared => ({
      kind: "VgpuLayout",
      name: model,
      on: "functions",
      gpu: { model },
      vgpus,
      named,
    });
    stack().declare([
      { kind: "MigEnablement", name: "mig", connection: connectionTo(lab()), enabled: gpus.slice(0, 1) },
      { kind: "SriovEnablement", name: "functions", on: "mig", gpus },
      layout("A100", { "A100-3-20C": 1, "A100-2-10C": 1, "A100-1-5C": 2 }),
      layout("A40", { "A40-12Q": 2 }, { "cad-01": { type: "A40-12Q", uuid: ofGuest } }),
      layout("A10", { "A10-8Q": 1 }),
      { kind: "MdevVgpu", name: "desktop", connection: connectionTo(lab()), gpu: { model: "T4" }, type: "T4-4Q" },
    ]);
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    before = await uuidsOn(lab());
    expect(before).toHaveLength(9);
  });

  /** Expects everything as `up` made it. */
  async function expectEverything(): Promise<void> {
    expect(await uuidsOn(lab()), await journal()).toEqual(before);
    expect(await instances(), await journal()).toBe("14@2 19@0 19@1 9@4");
    expect(await isActive(unit)).toBe("active");
    const preview = await stack().preview("--refresh", "--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  }

  describe("after a power cut", () => {
    beforeAll(() => lab().powerCut());

    test("VFs, MIG mode, GPU instances and vGPUs are there after a power cut, and a preview finds no change", () =>
      expectEverything());

    test("a libvirt guest with autostart starts by itself, after its vGPU was restored", async () => {
      await expect.poll(guestState, { timeout: 120_000, interval: 2_000 }).toBe("running");
      expect((await timesOf(lab(), "libvirtd")).begun).toBeGreaterThan((await timesOf(lab(), unit)).ended);
      expect(await isActive("libvirt-guests")).toBe("active");
    });
  });

  describe("after a clean reboot with an nvidia-vgpud that is late by 20 s, and an unbindLock that is held for a while", () => {
    const late = "/etc/systemd/system/nvidia-vgpud.service.d/late.conf";
    const held = "/etc/modprobe.d/held.conf";
    beforeAll(async () => {
      await writeFile(lab(), late, "[Service]\nExecStartPre=/bin/sleep 20");
      await writeFile(lab(), held, "options nvidia lab_unbindlock_busy=2");
      await inGuest(lab(), "virsh -q destroy cad-01; virsh -q autostart --disable cad-01");
      await lab().reboot();
      await lab().run(`rm ${late} ${held}`);
    });

    test("everything is there, and a preview finds no change, although nvidia-vgpud was late and a GPU was held open", async () => {
      await expectEverything();
      expect(await journal()).toContain("is held open; trying again");
      const { begun, ended } = await timesOf(lab(), unit);
      expect(begun).toBeGreaterThan((await timesOf(lab(), "nvidia-vgpud")).ended);
      restoreSeconds = ended - begun;
    });
  });

  describe("after a reboot in which much is wrong", () => {
    const types = "/usr/lib/nvidia/standin/tables/types";
    let preview: Outcome;

    beforeAll(async () => {
      await inGuest(lab(), `virsh -q autostart cad-01; cp ${types} /root; sed -i '/A100-2-10C$/d' ${types}`);
      const minor = `sed -n 's/^Device Minor:[[:space:]]*//p' /proc/driver/nvidia/gpus/${a40}/information`;
      await atBoot(lab(), "exporter", `exec sleep 3600 </dev/nvidia$(${minor})`, { stays: true });
      await atBoot(lab(), "read-only", "mount --bind /etc /etc && mount -o remount,bind,ro /etc");
      await atBoot(
        lab(),
        "by-hand",
        `until set -- /sys/bus/mdev/devices/*; [ -e "$1" ]; do sleep 0.1; done
        systemctl is-active ${unit} >/run/by-hand
        exec qemu-system-x86_64 -name guest=by-hand -device vfio-pci,sysfsdev=$1`,
        { stays: true },
      );
      await lab().replug("A40@0000:41,P10@0000:82,A100@0000:c4,A30@0001:c8");
      preview = await stack().preview("--refresh", "--diff", "--expect-no-changes");
    });

    test("what is possible is there, also below a VM that was started by hand during the restore", async () => {
      expect(await typesOn(lab()), await journal()).toEqual(["A100-1-5C", "A100-1-5C", "A100-3-20C"]);
      expect(before).toEqual(expect.arrayContaining(await uuidsOn(lab())));
      expect(await instances()).toBe("14@2 19@0 19@1 9@4");
      expect(await lab().run("cat /run/by-hand; systemctl is-active by-hand")).toBe("activating\nactive\n");
    });

    afterAll(async () => {
      await inGuest(lab(), `umount /etc; cp /root/types ${types}`);
      await notAtBoot(lab(), "exporter", "by-hand", "read-only");
    });

    test.each([
      [
        "a GPU that is held open",
        /0000:41:00\.0: Cannot obtain unbindLock for 0000:41:00\.0: sleep \(pid \d+\) has it open/,
      ],
      ["a GPU that is missing", /vGPU \S+: the GPU GPU-1eb8\S+ is missing/],
      ["a GPU that was replaced", /0001:c8:00\.0 has another GPU now, GPU-20b7\S+, which is skipped/],
      ["a type that the driver does not offer", /vGPU \S+: 0000:c4:\S+ offers no type 475/],
      [
        "a record that cannot be written",
        /the record of \S+ cannot be written to \/etc\/nvidia-vgpu\/vgpus: .*Read-only file system/,
      ],
    ])("the journal reports %s", async (_, words) => expect(await journal()).toMatch(words));

    test.each([
      [
        "who holds a GPU open",
        "functions",
        /VFs are off \(0 of 32\), and sleep \(pid \d+ of exporter\.service\) holds 0000:41:00\.0/,
      ],
      ["a GPU that is missing", "desktop", /there is no GPU "T4"/],
      ["a GPU that was replaced", "A10", /there is no GPU "A10"/],
      ["a type that the driver does not offer", "A100", /has no vGPU type A100-2-10C/],
      ["virtual functions that are off", "A40", /VFs are off \(0 of 32\)/],
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

  describe("after power cuts at random moments of the restore, and a boot with a full disk", () => {
    beforeAll(async () => {
      await inGuest(lab(), `rm -r ${dropIn}; systemctl -q disable libvirtd libvirt-guests; systemctl daemon-reload`);
      await atBoot(lab(), "full", "[ -s /root/cuts ] || fallocate -l $(df -B1 --output=avail / | tail -n 1) /full");
      const cuts = Array.from({ length: 2 }, () => Math.random() * restoreSeconds);
      console.log(`power cuts, seconds after the restore began: ${cuts.map((one) => one.toFixed(2)).join(", ")}`);
      await cutPowerDuringRestores(lab(), cuts, () => lab().replug(mixedCards));
    });

    test("the next boot has all vGPUs, none twice, and reports that the disk is full", async () => {
      expect(await uuidsOn(lab()), await journal()).toEqual(before);
      expect(await instances()).toBe("14@2 19@0 19@1 9@4");
      // dash's printf calls a full disk an I/O error.
      expect(await journal()).toMatch(
        /the record of \S+ cannot be written to \S+: .*(No space left on device|I\/O error)/,
      );
    });

    test("once the disk has space, a restart completes the records, and a preview finds no change", async () => {
      await lab().run("rm /full; systemctl restart nvidia-vgpu-restore");
      await expectEverything();
      expect(await lab().run("cd /etc/nvidia-vgpu; ls gpus vgpus | grep -c -; grep -L '^complete=yes' */*; true")).toBe(
        "12\n",
      );
    });
  });
});
