import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LightHosts, lightHostPort, whyNoLightHosts } from "../bench/fleet/light-hosts";
import { Stack } from "./stack";

const why = whyNoLightHosts();
if (why) console.warn(`\n*** ${why}. The test of rows in previews is SKIPPED. ***\n`);

const capture = readFileSync(join(__dirname, "..", "captures", "lab-t4-a40-a100.txt"), "utf8");

describe.skipIf(why)("a preview of resources that exist", () => {
  let hosts: LightHosts;
  let connection: object;
  const stack = new Stack();

  beforeAll(async () => {
    hosts = new LightHosts(1, capture);
    await hosts.listen();
    const { keyPath: privateKeyPath, hostKey } = hosts;
    connection = { host: hosts.hosts[0]!.address, port: lightHostPort, user: "root", privateKeyPath, hostKey };
  });
  afterAll(async () => {
    await hosts?.end();
    stack.remove();
  });

  const driver = () => ({ kind: "VgpuManagerInstall", name: "driver", connection, version: "550.163.02" }) as const;
  // A light host has no systemd, so nothing is restored at its boot.
  const restoreAtBoot = false;
  const vfs = { kind: "SriovEnablement", name: "vfs", on: "driver", gpus: ["0000:41:00.0"], restoreAtBoot } as const;
  const moreVfs = { ...vfs, gpus: ["0000:41:00.0", "0000:3b:00.0"] };

  test("the rows of a VgpuHost have its plan, and the component reads the host no second time", async () => {
    const gpus = { a: { gpu: "0000:41:00.0" } };
    const host = { kind: "VgpuHost", name: "gpu01", connection, gpus, restoreAtBoot } as const;
    stack.declare([{ ...host, driver: { version: "550.163.02" } }]);
    expect((await stack.up()).code).toBe(0);
    const logins = hosts.count(/Accepted publickey/);
    stack.declare([{ ...host, driver: { version: "550.163.02", onDelete: "uninstall" } }]);
    const { code, output } = await stack.preview();
    expect(code, output).toBe(0);
    expect(hosts.count(/Accepted publickey/) - logins).toBe(1);
    const [, diagnostics] = output.split("Diagnostics:");
    expect(diagnostics).toMatch(/VgpuManagerInstall \(gpu01\):\n +\[gpu01@\S+\] no change on the host/);
    expect(diagnostics).not.toContain("Fleet of");
  });

  test("a preview shows on each row what blocks the change, with the connection of the refresh alone", async () => {
    stack.declare([driver(), vfs]);
    expect((await stack.up()).code).toBe(0);
    const logins = hosts.count(/Accepted publickey/);
    const onHost = { onHost: "/root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" };
    const vgpus = { "A40-4Q": 2 };
    const layout = { kind: "VgpuLayout", name: "l", on: "vfs", gpu: "0000:41:00.0", vgpus, restoreAtBoot } as const;
    stack.declare([{ ...driver(), version: undefined, package: onHost }, vfs, layout]);
    const { code, output } = await stack.preview();
    expect(code, output).toBe(0);
    expect(hosts.count(/Accepted publickey/) - logins).toBe(1);
    const [, diagnostics] = output.split("Diagnostics:");
    expect(diagnostics).toMatch(
      /VgpuManagerInstall \(driver\):\n +warning: \[driver@\S+\] blocked: the T4-2Q \S+ .* is unmanaged and would be lost/,
    );
    expect(diagnostics).toMatch(
      /\n +blocked: the A40-4Q \S+ on 0000:41:00\.4 is used by the guest cad-01 \(running, pid 407\)/,
    );
    for (const row of ["SriovEnablement (vfs)", "VgpuLayout (l)"])
      expect(diagnostics).toContain(`${row}:\n    warning: [`);
    expect(diagnostics!.match(/waits for VgpuManagerInstall driver, which is blocked/g)).toHaveLength(2);
  });

  test("an up shows the plan once: in its preview", async () => {
    stack.declare([driver(), moreVfs]);
    const { code, output } = await stack.pulumi("up", "--yes");
    expect(code, output).toBe(0);
    const [preview, update] = output.split("Updating (test):");
    expect(preview!.split("Diagnostics:")[1]).toContain("[vfs@127.");
    expect(preview).toContain("no change on the host");
    expect(update).not.toContain("no change on the host");
  });

  test("a strict preview fails for a resource that is blocked", async () => {
    // A value that the last up did not have: another provider process, which has read nothing.
    stack.declare([{ ...driver(), onDelete: "uninstall" }, moreVfs]);
    const unchecked = await stack.preview("-c", "nvidia-vgpu:strictPreview=true");
    expect(unchecked.code, unchecked.output).toBe(0);
    expect(unchecked.output).toContain("warning: strictPreview could not check whether it is blocked");
    stack.declare([driver(), moreVfs]);
    expect((await stack.up()).code).toBe(0);
    expect((await stack.preview()).code).toBe(0);
    const onHost = { onHost: "/root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" };
    stack.declare([{ ...driver(), version: undefined, package: onHost }, moreVfs]);
    const { code, output } = await stack.preview();
    expect(code, output).not.toBe(0);
    expect(output).toContain("error: It is blocked, and `up` would fail. Its warning has the reason.");
  });
});
