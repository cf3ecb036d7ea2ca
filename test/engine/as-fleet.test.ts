import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { sshdCountsDuring, whileVmHolds } from "../lab";
import { createVgpu, mdevsOn, removeVgpu } from "./manual-changes";
import { onLab } from "./on-lab";

const main = join(__dirname, "..", "..", "dist", "cli", "main.js");
const uuid = (n: number) =>
  `${String(n).repeat(8)}-${String(n).repeat(4)}-4${String(n).repeat(3)}-8${String(n).repeat(3)}-${String(n).repeat(12)}`;

const options = { cards: "T4@0000:3b,A40@0000:41", state: "ready" } as const;
const program = { program: join(__dirname, "fleet-program.js") };

onLab(
  "a host that was set up by hand, and the command line",
  options,
  ({ lab, stack }) => {
    const file = () => join(stack().folder, "fleet.yaml");
    const cli = (...args: string[]) =>
      new Promise<{ code: number; stdout: string; output: string }>((resolve) => {
        execFile(process.execPath, [main, ...args], { cwd: stack().folder }, (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code) : 0, stdout, output: stdout + stderr });
        });
      });
    const connectionOptions = () => [
      `ops@${lab().address}:${lab().port}`,
      "--identity-file",
      lab().keyPath,
      "--known-hosts",
      lab().knownHostsPath,
    ];
    const filesOnHost = () =>
      lab().run("find /etc/nvidia-vgpu /run/nvidia-vgpu /var/lib/nvidia-vgpu 2>/dev/null; true");
    let created: string[];

    beforeAll(async () => {
      await lab().run("/usr/lib/nvidia/sriov-manage -e 0000:41:00.0");
      await createVgpu(lab(), "0000:3b:00.0", "T4-4Q", uuid(1));
      await createVgpu(lab(), "0000:41:00.4", "A40-12Q", uuid(2));
      await createVgpu(lab(), "0000:41:00.5", "A40-12Q", uuid(3));
      created = await mdevsOn(lab());
    });

    test("inspect shows driver, GPUs and vGPUs of the host, as a table and as JSON", async () => {
      const shown = await cli("inspect", ...connectionOptions());
      expect(shown.code, shown.output).toBe(0);
      for (const text of ["Debian GNU/Linux 12", "550.163.02", "0000:41:00.0", "NVIDIA A40", "A40-12Q"])
        expect(shown.stdout).toContain(text);
      const { stdout } = await cli("inspect", ...connectionOptions(), "--json");
      expect(stdout).toContain(`"loaded": "550.163.02"`);
    });

    test("inspect --as-fleet writes a fleet file for which plan finds nothing to change", async () => {
      const { code, stdout, output } = await cli("inspect", ...connectionOptions(), "--as-fleet");
      expect(code, output).toBe(0);
      writeFileSync(file(), stdout);
      const planned = await cli("plan", "fleet.yaml");
      expect(planned.code, planned.output).toBe(0);
      expect(planned.stdout).toMatch(/3 vGPUs/);
    });

    test("the first preview reports only that the vGPUs are adopted, and the first up changes none of them", async () => {
      const { code, output } = await stack().pulumi("up", "--yes");
      expect(code, output).toBe(0);
      const [preview] = output.split("Updating (test):");
      expect(preview).toMatch(/3 vGPUs .*adopted/);
      expect(await mdevsOn(lab())).toEqual(created);
    });

    test("plan and drift of a host in sync report nothing, use one connection each, and write nothing on the host", async () => {
      const before = await filesOnHost();
      for (const verb of ["plan", "drift"]) {
        let ended!: Awaited<ReturnType<typeof cli>>;
        const counts = await sshdCountsDuring(lab(), async () => void (ended = await cli(verb, "fleet.yaml")));
        expect(ended.code, ended.output).toBe(0);
        expect(counts).toEqual({ connections: 1, sessions: 1 });
      }
      expect(await filesOnHost()).toBe(before);
    });

    test("plan and drift exit with 2 for changes, in text, JSON and Markdown, and with 1 for blockers", async () => {
      await removeVgpu(lab(), uuid(3));
      const drift = await cli("drift", "fleet.yaml");
      expect(drift.code, drift.output).toBe(2);
      expect(drift.stdout).toMatch(/the A40-12Q \S+ on 0000:41:00\.5 is gone/);
      const json = await cli("plan", "fleet.yaml", "--json");
      expect([json.code, JSON.parse(json.stdout)]).toMatchObject([2, { summary: {} }]);
      expect((await cli("plan", "fleet.yaml", "--markdown")).stdout).toMatch(/^#+ /m);

      writeFileSync(file(), readFileSync(file(), "utf8").replace(/A40-12Q: 2/, "A40-24Q: 2"));
      await whileVmHolds(lab(), `/sys/bus/mdev/devices/${uuid(2)}`, async () => {
        const blocked = await cli("plan", "fleet.yaml");
        expect(blocked.code, blocked.output).toBe(1);
        expect(blocked.stdout).toMatch(/blocked: .*A40-24Q is declared, and A40-12Q on 0000:41:00\.4 stays/);
      });
      expect(await cli("plan", "no-such.yaml")).toMatchObject({
        code: 1,
        output: expect.stringContaining("there is no such file") as string,
      });
    });

    test("summary turns a preview into a comment that lists the changes of each host", async () => {
      const preview = await stack().pulumi("preview", "--json");
      writeFileSync(join(stack().folder, "preview.json"), preview.output.slice(preview.output.indexOf("{")));
      const { code, stdout, output } = await cli("summary", "preview.json");
      expect([0, 2], output).toContain(code);
      expect(stdout).toContain(lab().address);
      expect(stdout).toMatch(/A40-24Q/);
    });
  },
  program,
);
