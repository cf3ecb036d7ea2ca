import { expect, test } from "vitest";
import { connectionTo } from "./declared";
import { mdevsOn, uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import type { Declared, Outcome } from "./stack";

onLab(
  "replacements, renames and equivalent arguments under the real CLI",
  { cards: "A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    interface Declaration {
      gpu?: object;
      count?: number;
      names?: { layout: string; single: string };
      ofFunctions?: Record<string, unknown>;
      ofLayout?: Record<string, unknown>;
      ofSingle?: Record<string, unknown>;
    }
    const gpu = { model: "A40", index: 0 };
    const names = { layout: "layout", single: "single" };
    const declare = ({
      gpu: on = gpu,
      count = 2,
      names: { layout, single } = names,
      ofFunctions = {},
      ofLayout = {},
      ofSingle = {},
    }: Declaration): void => {
      const all: Declared[] = [
        {
          kind: "SriovEnablement",
          name: "functions",
          connection: connectionTo(lab()),
          gpus: [on],
          onDelete: "disable",
          options: ofFunctions,
        },
        { kind: "VgpuLayout", name: layout, on: "functions", gpu: on, vgpus: { "A40-12Q": count }, options: ofLayout },
        { kind: "MdevVgpu", name: single, on: "functions", gpu: on, type: "A40-12Q", options: ofSingle },
      ];
      stack().declare(all);
    };

    const expectSuccess = ({ code, output }: Outcome): string => {
      expect(code, output).toBe(0);
      return output;
    };
    const up = async (...options: string[]) => expectSuccess(await stack().up(...options));
    const expectNoChanges = async () => expectSuccess(await stack().preview("--expect-no-changes"));

    test("another selector for the same GPU, and other names with aliases, replace nothing and change nothing on the host", async () => {
      declare({ gpu: { model: "A40" } });
      await up();
      const before = await mdevsOn(lab());
      expect(before).toHaveLength(3);
      declare({
        names: { layout: "l2", single: "s2" },
        ofLayout: { aliases: [{ name: "layout" }] },
        ofSingle: { aliases: [{ name: "single" }] },
      });
      expect(await up()).not.toContain("replace");
      declare({ ofLayout: { aliases: [{ name: "l2" }] }, ofSingle: { aliases: [{ name: "s2" }] } });
      await up();
      expect(await mdevsOn(lab())).toEqual(before);
    });

    test.each([
      ["a layout and a single vGPU", ["layout", "single"]],
      ["virtual functions", ["functions"]],
    ])("up --replace of %s ends with the same vGPUs", async (_, replaced) => {
      const before = await uuidsOn(lab());
      const output = await up(...replaced.flatMap((name) => ["--replace", `**::${name}`]));
      expect(output).toMatch(new RegExp(`\\b${replaced.length} replaced`));
      expect(await uuidsOn(lab())).toEqual(before);
    });

    test("a replacement by replaceOnChanges ends with all declared vGPUs", async () => {
      declare({ count: 3, ofLayout: { replaceOnChanges: ["vgpus"] } });
      expect(await up()).toMatch(/1 replaced/);
      expect(await mdevsOn(lab())).toHaveLength(4);
    });

    test("replacing virtual functions with create-before-delete keeps them and their vGPUs, and reports it", async () => {
      const before = await mdevsOn(lab());
      declare({ count: 3, ofFunctions: { deleteBeforeReplace: false } });
      const output = await up("--replace", "**::functions");
      expect(output).toMatch(/1 replaced/);
      expect(output).toContain("keeps virtual functions of 0000:41:00.0, because SriovEnablement functions has it too");
      expect(await mdevsOn(lab())).toEqual(before);
      await expectNoChanges();
    });

    test("a rename without an alias on a full GPU fails with the owner and the alias to add, and with the alias nothing changes", async () => {
      const before = await mdevsOn(lab());
      const renamed = { layout: "renamed", single: "single" };
      declare({ count: 3, names: renamed });
      const { code, output } = await stack().up();
      expect(code).not.toBe(0);
      expect(output).toMatch(/VgpuLayout layout/);
      expect(output).toContain('aliases: [{name: "layout"}]');
      declare({ count: 3, names: renamed, ofLayout: { aliases: [{ name: "layout" }] } });
      await up();
      expect(await mdevsOn(lab())).toEqual(before);
    });

    test("the option import is refused with an error message", async () => {
      declare({ count: 3, names: { ...names, layout: "renamed" }, ofSingle: { import: (await uuidsOn(lab()))[0] } });
      const { code, output } = await stack().up();
      expect(code).not.toBe(0);
      expect(output).toContain('MdevVgpu "single": the option import is not supported');
      expect(output).not.toContain("TypeError");
    });

    test("destroy --run-program removes all that is declared", async () => {
      declare({ count: 3, names: { ...names, layout: "renamed" } });
      expectSuccess(await stack().destroy("--run-program"));
      expect(await mdevsOn(lab())).toEqual([]);
      expect(await lab().run("cat /sys/bus/pci/devices/0000:41:00.0/sriov_numvfs; ls /etc/nvidia-vgpu/vgpus")).toBe(
        "0\n",
      );
    });
  },
);
