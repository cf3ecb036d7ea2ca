import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { driverPackage, injectFault } from "../lab";
import { createMdev, enableVfs, uuid } from "../lab/behaviours/devices";
import { mixedCards } from "../lab/cards/sets";
import { connectionTo } from "./declared";
import { onLab } from "./on-lab";
import type { Declared, StateResource } from "./stack";

/** Where `mixedCards` are. */
const cards = {
  A40: "0000:41:00.0",
  T4: "0000:3b:00.0",
  A10: "0001:c8:00.0",
  P10: "0000:82:00.0",
  A100: "0000:c4:00.0",
};

/** Prints all that the resources could change. */
const stateCommand = `grep -sH '' /sys/bus/pci/devices/*/sriov_numvfs /sys/module/nvidia/version; stat -c '%n %i' /sys/bus/mdev/devices/* /dev/nvidia*
  lspci -nnk -d 10de:; find /etc/nvidia-vgpu /var/lib/nvidia-vgpu /etc/modprobe.d; pgrep -x dcgm-exporter; nvidia-smi --query-gpu=mig.mode.current --format=csv`;

/** A process that has a GPU open, as DCGM's exporter does. */
const startExporter = (lab: LabHost, gpu: string) =>
  lab.run(
    `minor=$(sed -n 's/^Device Minor:[[:space:]]*//p' /proc/driver/nvidia/gpus/${gpu}/information)
   cp /bin/sleep /usr/local/bin/dcgm-exporter
   systemd-run -q --unit=nvidia-dcgm sh -c "exec 3</dev/nvidia$minor; exec dcgm-exporter 3600"
   until pgrep -x dcgm-exporter; do sleep 0.1; done`,
  );

interface BlockedResource {
  resource: Pick<Declared, "kind"> & Record<string, unknown>;
  /** The expected error: what was found, and what to do. */
  message: RegExp;
}

const blockedResources: Record<string, BlockedResource> = {
  "no such GPU": {
    resource: { kind: "SriovEnablement", gpus: ["0000:99:00.0"] },
    message:
      /Could not enable the virtual functions on \S+: there is no GPU 0000:99:00\.0: .*0000:41:00\.0.*\. Name a GPU that exists\./,
  },
  "unknown type": {
    resource: { kind: "VgpuLayout", gpu: { model: "A40" }, vgpus: { "A10-4Q": 1 } },
    message:
      /Could not create the vGPUs on \S+ for 0000:41:00\.0: 0000:41:00\.0 \(NVIDIA A40\) has no vGPU type A10-4Q\. Did you mean A40-4Q\? It has A40-1B, /,
  },
  "too many": {
    resource: { kind: "VgpuLayout", gpu: { model: "A40" }, vgpus: { "A40-12Q": 5 } },
    message:
      /: 0000:41:00\.0 \(NVIDIA A40\) fits 4 A40-12Q: 0 taken, 5 more declared\. Reduce the count or use a smaller type\./,
  },
  "two sizes": {
    resource: { kind: "VgpuLayout", gpu: { model: "T4" }, vgpus: { "T4-4Q": 1, "T4-8Q": 1 } },
    message:
      /: 0000:3b:00\.0 \(Tesla T4\) takes one framebuffer size at a time: T4-8Q is declared, and T4-4Q on 0000:3b:00\.0 stays\. Choose types of one size/,
  },
  "another size than what is there": {
    resource: { kind: "MdevVgpu", gpu: { model: "T4" }, type: "T4-8Q" },
    message:
      /: 0000:3b:00\.0 \(Tesla T4\) takes one framebuffer size at a time: T4-8Q is declared, and T4-4Q on 0000:3b:00\.0 stays\. .*a VgpuLayout/,
  },
  "MIG mode": {
    resource: { kind: "MigEnablement", enabled: [{ model: "A40" }] },
    message:
      /Could not set MIG mode on \S+ for 0000:41:00\.0: 0000:41:00\.0 \(NVIDIA A40\) has no MIG mode\. Remove it from `enabled`\./,
  },
  "an exporter": {
    resource: { kind: "SriovEnablement", gpus: [{ model: "A10" }] },
    message:
      /: VFs are off \(0 of 32\), and dcgm-exporter \(pid \d+ of nvidia-dcgm\.service\) holds 0001:c8:00\.0 \(NVIDIA A10\) open, so sriov-manage cannot unbind it\. Stop nvidia-dcgm\.service/,
  },
  "a card that vGPU does not support": {
    resource: { kind: "MdevVgpu", gpu: cards.P10, type: "P40-1Q" },
    message: /: nvidia-vgpud refuses 0000:82:00\.0 .*\. vGPU does not support this GPU: do not declare it\./,
  },
  "another package than was meant": {
    resource: { kind: "VgpuManagerInstall", sha256: "0".repeat(64) },
    message:
      /Could not use the package for \S+-580\.105\.06-vgpu-kvm\.run: its sha256 is [0-9a-f]{64}, and 0{64} was expected\. Download it again, or correct sha256\./,
  },
  "a full disk": {
    resource: { kind: "VgpuManagerInstall" },
    message:
      /Could not install vGPU Manager 580\.105\.06 on \S+: \/ has \d+ MiB free, and about \d+ MiB are needed for \/var\/lib\/nvidia-vgpu, \/usr and \/boot.*Free space there\./,
  },
};

onLab("blockers under the real CLI", { cards: mixedCards, state: "ready" }, ({ lab, stack }) => {
  test("up reports each blocker with a hint what to do, and changes nothing, with dynamic and with native resources", async () => {
    await enableVfs(lab(), cards.A40);
    expect(await createMdev(lab(), cards.T4, "T4-4Q", uuid(1))).toBe("");
    await lab().run(`nvidia-smi -i ${cards.A100} -mig 1`);
    await startExporter(lab(), cards.A10);
    await injectFault(lab(), "disk-full");
    const before = await lab().run(stateCommand);

    const other = await driverPackage("580.105.06");
    const declared = Object.entries(blockedResources).map(([name, { resource }], i) => ({
      ...resource,
      name,
      native: i % 2 === 0,
      connection: connectionTo(lab()),
    }));
    stack().declare(declared.map((one) => (one.kind === "VgpuManagerInstall" ? { ...one, package: other } : one)));
    const { code, output } = await stack().up("--continue-on-error");
    expect(code).not.toBe(0);
    for (const [name, { message }] of Object.entries(blockedResources)) expect.soft(output, name).toMatch(message);
    expect(await lab().run(stateCommand)).toBe(before);
    const isOurs = ({ type }: StateResource) => type.includes("nvidia-vgpu") && !type.startsWith("pulumi:providers:");
    expect((await stack().state()).filter(isOurs)).toEqual([]);
  });
});
