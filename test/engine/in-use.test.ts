import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { injectFault } from "../lab";
import { virtualFunctions } from "../lab/behaviours/devices";
import { faults } from "../lab/faults";
import { inGuest } from "../lab/faults/fault";
import { cardOf } from "./declared";
import type { Held } from "./hold";
import { watchFor } from "./hold";
import { uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import { recordedSteps } from "./recorded-steps";
import { begin, callsOn, countCalls, onceTrue } from "./running-up";

const gpu = "0000:41:00.0";

/**
 * Has the group of a vGPU open in a mount and PID namespace of its own, by a node of its own in a folder that is no /dev, which is
 * removed then. Gives its pid on the host: only SIGKILL ends the first process of a namespace.
 */
async function holdElsewhere(lab: LabHost, uuid: string): Promise<number> {
  await inGuest(
    lab,
    `group=$(readlink /sys/bus/mdev/devices/${uuid}/iommu_group); group=\${group##*/}
    mkdir -p /srv/jail/dev/vfio; cp -a /dev/vfio/$group /srv/jail/dev/vfio/; cp /bin/sleep /usr/local/bin/jailed
    setsid unshare -m -p --fork sh -c "exec 5<>/srv/jail/dev/vfio/$group; rm /srv/jail/dev/vfio/$group; exec jailed 3600" >/dev/null 2>&1 </dev/null &
    until pgrep -x jailed; do sleep 0.1; done`,
  );
  return Number(await inGuest(lab, "pgrep -x jailed"));
}

const goOn = (lab: LabHost, { runner, watchdog, step }: Held) =>
  inGuest(lab, `kill -CONT ${runner} ${watchdog} ${step} || true`);

onLab(
  "vGPUs that are taken into use between plan and step, under the real CLI",
  { cards: "A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    const late = "/etc/libvirt/qemu/late.xml";

    const want = (count: number, onDelete = "keep") => {
      const [functions, layout] = cardOf(lab(), "A40", { "A40-12Q": count });
      stack().declare([{ ...functions!, onDelete }, ...(count ? [layout!] : [])]);
    };

    test("the plan names a process in other namespaces that uses a vGPU, though its device node was removed", async () => {
      want(3);
      const made = await stack().up();
      expect(made.code, made.output).toBe(0);
      const uuids = await uuidsOn(lab());
      expect(uuids).toHaveLength(3);
      const pid = await holdElsewhere(lab(), uuids[0]!);
      want(0);
      const { code, output } = await stack().up();
      await inGuest(lab(), `kill -KILL ${pid}`);
      expect(code).not.toBe(0);
      expect(output).toContain(`is used by jailed (pid ${pid}`);
      expect(await uuidsOn(lab())).toEqual(uuids);
    });

    test("vGPUs that are taken into use while the first one is removed stay, and the log names each user", async () => {
      const stopped = await watchFor(lab(), "remove_mdev");
      const going = await begin(stack());
      const held = await stopped();
      const [, second, third] = (await recordedSteps(lab()))
        .filter(([does]) => does === "remove_mdev")
        .map(([, uuid]) => uuid!);
      const pid = await holdElsewhere(lab(), second!);
      await inGuest(lab(), `mkdir -p /etc/libvirt/qemu; echo "<address uuid='${third}'/>" >${late}`);
      await goOn(lab(), held);
      const { code, output } = await going.ended;
      await inGuest(lab(), `kill -KILL ${pid}; rm ${late}`);
      expect(code).not.toBe(0);
      // The error of a resource names the first step that failed; the log on the host has all.
      expect(output).toContain(`${second} is used by jailed (pid ${pid})`);
      const log = await lab().run("cat /run/nvidia-vgpu/$(cat /run/nvidia-vgpu/lock)/log");
      expect(log).toContain(`${third} is used by the guest that ${late} defines`);
      expect(await uuidsOn(lab())).toEqual([second!, third!].sort());
    });

    test("unused vGPUs are removed by the next up", async () => {
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await uuidsOn(lab())).toEqual([]);
    });

    test("virtual functions stay when a guest takes one of them between two attempts of sriov-manage", async () => {
      want(0, "disable");
      expect((await stack().up()).code).toBe(0);
      await countCalls(lab());
      await injectFault(lab(), "unbindlock-held", "20");
      const going = stack().destroy();
      await onceTrue(lab(), "grep -q -e '^-d' /run/sriov-manage.calls 2>/dev/null");
      const vf = (await virtualFunctions(lab(), gpu))[7];
      await inGuest(
        lab(),
        `setsid perl -e 'sleep 3600' vfio-pci,host=${vf} >/dev/null 2>&1 </dev/null & echo $! >/run/late.pid`,
      );
      const { code, output } = await going;
      await inGuest(lab(), "pkill -x perl");
      await faults["unbindlock-held"]!.clear!(lab());
      expect(code).not.toBe(0);
      expect(output).toMatch(new RegExp(`a virtual function or vGPU of ${gpu} is used by perl \\(pid \\d+\\)`));
      expect(await virtualFunctions(lab(), gpu)).toHaveLength(32);
      expect((await callsOn(lab())).length).toBeLessThan(11);
    });

    test("destroy disables the virtual functions once the guest has ended", async () => {
      const { code, output } = await stack().destroy();
      expect(code, output).toBe(0);
      expect(await virtualFunctions(lab(), gpu)).toEqual([]);
    });
  },
);
