import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { driverPackage } from "../lab";
import type { Vgpus } from "./declared";
import { connectionTo, typesOn } from "./declared";
import { hasSomeVfsOf, interruptionScenario, reboot, slowReboot } from "./interruption-scenario";
import { removeVgpu, uuidsOn } from "./manual-changes";
import type { Declared } from "./stack";
import { YamlStack } from "./yaml-stack";

const version = "550.163.02";
const cad = "11111111-1111-4111-8111-111111111111";

/** Prints what the documented steps change on a host, apart from packages, logs and caches. */
const stateCommand =
  "ls /etc/modprobe.d /usr/bin/nvidia-* /etc/nvidia-vgpu /var/lib/nvidia-vgpu /run/nvidia-vgpu 2>/dev/null; sed '/^GRUB_CMDLINE_LINUX=/d' /etc/default/grub; lspci -nnk -d 10de:";

/** Words of the kernel's command line are restored at its end, where they mean the same. */
const stateOf = async (lab: LabHost): Promise<string[]> => [
  await lab.run(stateCommand),
  ...(await lab.run(". /etc/default/grub; echo $GRUB_CMDLINE_LINUX")).trim().split(" ").sort(),
];

let stateBefore: string[] = [];

/** Where the host is. The login is in the configuration of the provider. */
const at = (lab: LabHost) => ({ host: lab.address, port: lab.port });

/** The connection waits for a host that reboots. */
const patience = { dialErrorLimit: -1, perDialTimeout: 5 };

async function declared(lab: LabHost, vgpus: Vgpus, named = {}): Promise<Declared[]> {
  const driver: Declared = {
    kind: "VgpuManagerInstall",
    name: "driver",
    connection: { ...at(lab), ...patience },
    package: await driverPackage(version),
    iommu: true,
    reboot: "whenIdle",
    onDelete: "uninstall",
  };
  if (Object.keys(vgpus).length === 0) return [driver];
  const gpu = { model: "A40" };
  return [
    driver,
    { kind: "SriovEnablement", name: "functions", on: "driver", gpus: [gpu], onDelete: "disable" },
    { kind: "VgpuLayout", name: "layout", on: "functions", gpu, vgpus, named },
  ];
}

let yaml: YamlStack;

interruptionScenario(
  "a YAML program, from a bare host to vGPUs and to other vGPUs, interrupted at every step",
  {
    host: { cards: "A40@0000:41", state: "bare", iommu: "off" },
    newStack: () => {
      yaml = new YamlStack();
      return yaml;
    },
    before: async (lab, stack) => {
      stateBefore = await stateOf(lab);
      await lab.run(slowReboot);
      const { host: _, port: __, ...login } = connectionTo(lab, "ops") as Record<string, string>;
      for (const [key, value] of Object.entries(login)) {
        const { code, output } = await stack.pulumi("config", "set", `nvidia-vgpu:${key}`, value);
        expect(code, output).toBe(0);
      }
    },
    declared,
    interrupts: [
      { calls: "check_package", kills: "run", declares: {} },
      { calls: "install_packages", middle: 'has("/var/lib/dpkg/updates/0001")', kills: "step" },
      { calls: "blacklist_nouveau", kills: "run" },
      { calls: "rebuild_initramfs", middle: 'has("/boot/initrd.img-*.new")', kills: "step" },
      { calls: "set_kernel_words", middle: 'runs("grub-mkconfig")', kills: "run" },
      reboot,
      { calls: "run_installer", middle: 'runs("cc1")', kills: "step" },
      // The second reboot is not interrupted: one up goes through it to its end.
      { calls: "mark_reboot", kills: "run" },
      { calls: "enable_vfs", middle: hasSomeVfsOf("0000:41"), kills: "run", declares: { "A40-1Q": 16 } },
      { calls: "record_gpu", kills: "step" },
      { calls: "install_restorer", kills: "run" },
      { calls: "create_mdev", middle: "vgpus() >= 3", kills: "run" },
      { calls: "remove_mdev", middle: "vgpus() <= 14", kills: "runner", declares: { "A40-2Q": 12 } },
    ],
    // The killed installer left the loading of modules blocked.
    repairs: ["allow_modules"],
    // If the killed sriov-manage had made all VFs, and not yet bound them.
    possibleRepairs: ["bind_vfs"],
  },
  {
    first: ({ lab }) => {
      test("the preview of a bare host has the steps of all its resources, and knows the UUID of a named vGPU", async () => {
        const all = await declared(lab(), { "A40-8Q": 2 }, { cad: { type: "A40-8Q", uuid: cad } });
        yaml.declare(all, { cad: "${layout.named.cad.uuid}" });
        const { code, output } = await yaml.preview();
        expect(code, output).toBe(0);
        const [, diagnostics] = output.split("Diagnostics:");
        expect(diagnostics).toMatch(/VgpuManagerInstall \(driver\):\n +\[driver@\S+\] \d+ steps.*reboot/);
        expect(diagnostics).toMatch(/SriovEnablement \(functions\):\n(.*\n)*? +\[functions@\S+\] \d+ steps?\n/);
        expect(diagnostics).toMatch(
          /VgpuLayout \(layout\):\n(.*\n)*? +\[layout@\S+\] \d+ steps?\n(.*\n)*?.*create 3 × A40-8Q/,
        );
        expect(output).toMatch(new RegExp(`cad: "${cad}"`));
      });
    },

    last: ({ lab, stack }) => {
      test("the interrupted ups end with the declared driver and vGPU types and no pending reboot, and one more up changes nothing", async () => {
        expect(await lab().run("cat /sys/module/nvidia/version")).toBe(`${version}\n`);
        expect(await typesOn(lab())).toEqual(Array<string>(12).fill("A40-2Q"));
        expect(await stack().outputsOf("driver")).toMatchObject({ version, rebootPending: false });
        const { connection } = await stack().outputsOf("layout");
        expect(connection, "without the login").toEqual({ ...at(lab()), ...patience });
        const { code, output } = await stack().up("--expect-no-changes");
        expect(code, output).toBe(0);
      });

      test("a preview shows what drifted by its path, and an up repairs it", async () => {
        const [removed] = await uuidsOn(lab());
        await removeVgpu(lab(), removed!);
        const { output } = await stack().preview("--diff");
        expect(output).toMatch(/~ A40-2Q: 11 => 12/);
        expect((await stack().up()).code).toBe(0);
        expect(await uuidsOn(lab())).toContain(removed);
      });

      test("an import of vGPUs without records has no difference afterwards, and the next change records them", async () => {
        const { code, output } = await stack().pulumi("state", "delete", "--all", "--yes");
        expect(code, output).toBe(0);
        // As vGPUs that this package did not create.
        await lab().run("rm -r /etc/nvidia-vgpu/vgpus");
        const vgpus = await uuidsOn(lab());
        const connection = at(lab());
        const host = `${connection.host}:${connection.port}`;
        for (const [type, name, id] of [
          ["VgpuManagerInstall", "driver", host],
          ["SriovEnablement", "functions", host],
          ["VgpuLayout", "layout", `${host}/0000:41:00.0`],
        ]) {
          const words = [`nvidia-vgpu:index:${type}`, name!, id!, "--yes", "--protect=false"];
          const imported = await stack().pulumi("import", ...words);
          expect(imported.code, imported.output).toBe(0);
          expect(imported.output).not.toContain("privateKeyPath");
        }
        const gpu = "0000:41:00.0";
        stack().declare([
          { kind: "VgpuManagerInstall", name: "driver", connection, version, prerequisites: "require" },
          { kind: "SriovEnablement", name: "functions", connection, gpus: [gpu] },
          { kind: "VgpuLayout", name: "layout", connection, gpu, vgpus: { "A40-2Q": 12 }, restoreAtBoot: false },
        ]);
        const preview = await stack().preview("--expect-no-changes");
        expect(preview.code, preview.output).toBe(0);

        stack().declare(await declared(lab(), { "A40-2Q": 12 }));
        const up = await stack().up();
        expect(up.code, up.output).toBe(0);
        expect(await uuidsOn(lab())).toEqual(vgpus);
        expect((await lab().run("ls /etc/nvidia-vgpu/vgpus")).trim().split("\n").sort()).toEqual(vgpus);
      });

      test("destroy with uninstall and disable leaves the host as it was before", async () => {
        const { code, output } = await stack().destroy();
        expect(code, output).toBe(0);
        await lab().reboot();
        expect(await stateOf(lab())).toEqual(stateBefore);
      });
    },
  },
);
