import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { injectFault } from "../lab";
import { virtualFunctions } from "../lab/behaviours/devices";
import { faults } from "../lab/faults";
import { inGuest } from "../lab/faults/fault";
import { sriovAndLayout } from "./declared";
import { uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import type { PausedRun } from "./pause";
import { pauseAtStep } from "./pause";
import { recordedSteps } from "./recorded-steps";
import { recordSriovManage, sriovManageCalls, startUp, waitUntil } from "./running-up";

const gpu = "0000:41:00.0";

/**
 * Starts a process that has the IOMMU group of a vGPU open in its own mount and PID namespace, by a device node outside /dev that is
 * removed afterwards. Returns its pid on the host: only SIGKILL ends the first process of a namespace.
 */
async function useInNamespaces(lab: LabHost, uuid: string): Promise<number> {
  await inGuest(
    lab,
    `group=$(readlink /sys/bus/mdev/devices/${uuid}/iommu_group); group=\${group##*/}
    mkdir -p /srv/jail/dev/vfio; cp -a /dev/vfio/$group /srv/jail/dev/vfio/; cp /bin/sleep /usr/local/bin/jailed
    setsid unshare -m -p --fork sh -c "exec 5<>/srv/jail/dev/vfio/$group; rm /srv/jail/dev/vfio/$group; exec jailed 3600" >/dev/null 2>&1 </dev/null &
    n=0; until pgrep -x jailed; do sleep 0.1; n=$((n + 1)); [ $n -lt 300 ] || { echo "group $group could not be opened"; exit 1; }; done`,
  );
  return Number(await inGuest(lab, "pgrep -x jailed"));
}

const resume = (lab: LabHost, { runner, watchdog, step }: PausedRun) =>
  inGuest(lab, `kill -CONT ${runner} ${watchdog} ${step} || true`);

onLab(
  "vGPUs that are taken into use between plan and step, under the real CLI",
  { cards: "A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    const late = "/etc/libvirt/qemu/late.xml";

    const declare = (count: number) => {
      const [functions, layout] = sriovAndLayout(lab(), "A40", { "A40-8Q": count });
      stack().declare([{ ...functions!, onDelete: "disable" }, ...(count ? [layout!] : [])]);
    };

    test("the plan names a process in other namespaces that uses a vGPU, though its device node was removed", async () => {
      declare(6);
      const made = await stack().up();
      expect(made.code, made.output).toBe(0);
      const uuids = await uuidsOn(lab());
      expect(uuids).toHaveLength(6);
      const pid = await useInNamespaces(lab(), uuids[0]!);
      declare(0);
      const { code, output } = await stack().up();
      await inGuest(lab(), `kill -KILL ${pid}`);
      expect(code).not.toBe(0);
      expect(output).toContain(`is used by jailed (pid ${pid}`);
      expect(await uuidsOn(lab())).toEqual(uuids);
    });

    test("vGPUs that are taken into use while the first one is removed stay, and the log names each user", async () => {
      const pausedRun = await pauseAtStep(lab(), "remove_mdev");
      const running = await startUp(stack());
      const paused = await pausedRun();
      // The first steps may be over before the run is paused; the last two have not begun.
      const [first, second] = (await recordedSteps(lab()))
        .filter(([command]) => command === "remove_mdev")
        .map(([, uuid]) => uuid!)
        .slice(-2);
      const pid = await useInNamespaces(lab(), first!);
      await inGuest(lab(), `mkdir -p /etc/libvirt/qemu; echo "<address uuid='${second}'/>" >${late}`);
      await resume(lab(), paused);
      const { code, output } = await running.ended;
      await inGuest(lab(), `kill -KILL ${pid}; rm ${late}`);
      expect(code).not.toBe(0);
      // The error of a resource names the first step that failed; the log on the host has all.
      expect(output).toContain(`${first} is used by jailed (pid ${pid})`);
      const log = await lab().run("cat /run/nvidia-vgpu/$(cat /run/nvidia-vgpu/lock)/log");
      expect(log).toContain(`${second} is used by the guest that ${late} defines`);
      expect(await uuidsOn(lab())).toEqual([first!, second!].sort());
    });

    test("unused vGPUs are removed by the next up", async () => {
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await uuidsOn(lab())).toEqual([]);
    });

    test("virtual functions stay when a guest takes one of them between two attempts of sriov-manage", async () => {
      await recordSriovManage(lab());
      await injectFault(lab(), "unbindlock-held", "20");
      const running = stack().destroy();
      await waitUntil(lab(), "grep -q -e '^-d' /run/sriov-manage.calls 2>/dev/null");
      const vf = (await virtualFunctions(lab(), gpu))[7];
      await inGuest(
        lab(),
        `setsid perl -e 'sleep 3600' vfio-pci,host=${vf} >/dev/null 2>&1 </dev/null & echo $! >/run/late.pid`,
      );
      const { code, output } = await running;
      await inGuest(lab(), "pkill -x perl");
      await faults["unbindlock-held"]!.clear!(lab());
      expect(code).not.toBe(0);
      expect(output).toMatch(new RegExp(`a virtual function or vGPU of ${gpu} is used by perl \\(pid \\d+\\)`));
      expect(await virtualFunctions(lab(), gpu)).toHaveLength(32);
      expect((await sriovManageCalls(lab())).length).toBeLessThan(11);
    });

    test("destroy disables the virtual functions once the guest has ended", async () => {
      const { code, output } = await stack().destroy();
      expect(code, output).toBe(0);
      expect(await virtualFunctions(lab(), gpu)).toEqual([]);
    });
  },
);
