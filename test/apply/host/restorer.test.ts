import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { restorerDigest } from "../../../provider/apply";
import { restorerFunctions, thisRestorer } from "../../../provider/apply/restorer/restorer";
import { Sandbox, shells } from "./shell";

const [script, unit] = ["lib/restore.sh", "systemd/nvidia-vgpu-restore.service"];

test("the unit runs once a boot, after the driver's services and before all that start guests, and needs no network", () => {
  const lines = thisRestorer().unit.split("\n");
  const words = (key: string) =>
    lines
      .find((line) => line.startsWith(`${key}=`))!
      .slice(key.length + 1)
      .split(" ");
  const services = (names: string) => names.split(" ").map((name) => `${name}.service`);
  expect(words("After")).toEqual([
    "local-fs.target",
    ...services("systemd-modules-load nvidia-persistenced nvidia-fabricmanager nvidia-vgpud nvidia-vgpu-mgr"),
  ]);
  expect(words("Before")).toEqual(
    expect.arrayContaining(
      services(
        "libvirtd virtqemud virtnodedevd libvirt-guests pve-guests openstack-nova-compute nova-compute kubelet k3s rke2-server incus docker nvidia-mig-manager",
      ),
    ),
  );
  expect(lines).toEqual(expect.arrayContaining(["Type=oneshot", "RemainAfterExit=yes", "WantedBy=multi-user.target"]));
  // A rest of a run of steps, the wait for the driver and the tools fit into it.
  expect(Number(words("TimeoutStartSec")[0])).toBeGreaterThan(900 + 180 + 300);
  expect(thisRestorer().unit).not.toMatch(/^(Requires|Wants|BindsTo|Requisite)=|network/m);
});

describe.each(shells)("the restorer, under %s,", (shell) => {
  let host: Sandbox;
  beforeEach(() => {
    host = new Sandbox(shell).program("systemctl", "case $1 in is-enabled) echo enabled ;; esac").program("restorecon");
  });
  afterEach(() => host.remove());

  const run = (command: string) =>
    host.run(
      [
        restorerFunctions(),
        `restorer=${host.root}/${script} restorer_unit=${host.root}/${unit} gpu_records=${host.root}/etc/gpus restore_report=${host.root}/report`,
        command,
      ].join("\n"),
      ["common", "whole-files", "vgpu", "gpu-records", "restore-gpus", "restore", "restorer"],
    );

  test("is installed with the digest that plans compare, enabled, and not started", () => {
    expect(run(`install_restorer ${restorerDigest()}`)).toMatchObject({ code: 0, err: "" });
    expect(host.read(script)).toMatch(/^#!\/bin\/sh\n[^]*\nrestore_all\n$/);
    expect(host.read("calls")).toMatch(/daemon-reload\nsystemctl --quiet enable nvidia-vgpu-restore\.service\n/);
    expect(host.read("calls")).not.toMatch(/systemctl (re)?start|--now/);
    expect(host.read("calls")).toContain("restorecon ");
  });

  test("is a script that each shell of a host can read", () => {
    run(`install_restorer ${restorerDigest()}`);
    expect(host.run(`${shell} -n ${host.root}/${script}`, []).err).toBe("");
  });

  test("is not installed if systemd does not enable it", () => {
    host.program("systemctl", "case $1 in is-enabled) echo masked ;; esac");
    expect(run(`install_restorer ${restorerDigest()}`)).toMatchObject({
      code: 1,
      err: "nvidia-vgpu-restore.service was enabled, and systemd reports: masked\n",
    });
  });

  test("is replaced as a whole, or not at all", () => {
    run(`install_restorer ${restorerDigest()}`);
    const before = host.read(script);
    expect(run(`print_restorer() { echo half; return 1; }; install_restorer ${restorerDigest()}`).code).toBe(1);
    expect(host.read(script)).toBe(before);
    expect(existsSync(join(host.root, `${script}.new`))).toBe(false);
  });

  test("needs no temporary file of the shell, which there is none on a full disk", () => {
    run(`install_restorer ${restorerDigest()}`);
    expect(host.read(script)).not.toMatch(/<</);
  });

  test("that cannot be written is reported with the file, the reason and a question", () => {
    host.program("sync", `echo "sync: error syncing '$1': Read-only file system" >&2; exit 1`);
    expect(run(`install_restorer ${restorerDigest()}`)).toMatchObject({
      code: 1,
      err: `${host.root}/${script} cannot be written (Read-only file system): is the disk full or read-only?\n`,
    });
    expect(run("change_gpu_record GPU-1 address=0000:41:00.0 mig=on")).toMatchObject({
      code: 1,
      err: `${host.root}/etc/gpus/GPU-1 cannot be written (Read-only file system): is the disk full or read-only?\n`,
    });
  });

  test("is removed with what an interrupted run has left beside it and beside the records", () => {
    run(`install_restorer ${restorerDigest()}`);
    host.write({ [`${script}.new`]: "", [`${unit}.new`]: "", "etc/gpus/.GPU-1.new": "", "etc/vgpus/.1-1.new": "" });
    expect(run("remove_restorer").code).toBe(0);
    expect(
      ["lib", "etc/gpus", `${unit}.new`, "etc/vgpus/.1-1.new"].filter((path) => existsSync(join(host.root, path))),
    ).toEqual([]);
  });

  test("is removed without being stopped, because guests may require it", () => {
    run(`install_restorer ${restorerDigest()}`);
    writeFileSync(join(host.root, "report"), "host it failed\n");
    expect(run("remove_restorer").code).toBe(0);
    expect([script, unit, "lib", "report"].filter((path) => existsSync(join(host.root, path)))).toEqual([]);
    expect(readFileSync(join(host.root, "calls"), "utf8")).not.toMatch(/systemctl .*(stop|--now)/);
  });

  test("gets a record of a GPU only for virtual functions that exist", () => {
    host.write({ "pci/0000:41:00.0/sriov_numvfs": "2\n" });
    const record = (count: number) =>
      run(`pci_devices=${host.root}/pci; record_gpu GPU-1 0000:41:00.0 ${count} owner=me`);
    expect(record(4).err).toBe("0000:41:00.0 has 2 virtual functions instead of 4, so it is not recorded\n");
    expect(existsSync(join(host.root, "etc/gpus"))).toBe(false);
    expect(record(2).code).toBe(0);
    expect(host.read("etc/gpus/GPU-1")).toBe("format=1\nowner=me\naddress=0000:41:00.0\nvfs=2\ncomplete=yes\n");
    run("forget_gpu GPU-1");
    expect(existsSync(join(host.root, "etc/gpus/GPU-1"))).toBe(false);
  });

  test("changes only the named keys of a record, and removes those without a value", () => {
    const file = "etc/gpus/GPU-1";
    const change = (words: string) => run(`change_gpu_record GPU-1 ${words}`);
    expect(change("mig=on").err).toMatch(/gpus\/GPU-1 is missing or not complete\n$/);
    expect(change("address=0000:41:00.0 mig=on mig_owner=me").code).toBe(0);
    expect(host.read(file)).toBe("format=1\naddress=0000:41:00.0\nmig=on\nmig_owner=me\ncomplete=yes\n");
    host.write({
      [file]: `${host.read(file).replace("complete=yes\n", "")}later=a  b=$HOME *\ninstances=9@4\ncomplete=yes\n`,
    });
    expect(change(`mig= "instances=19@0 14@2"`).code).toBe(0);
    expect(host.read(file)).toBe(
      "format=1\naddress=0000:41:00.0\nmig_owner=me\nlater=a  b=$HOME *\ninstances=19@0 14@2\ncomplete=yes\n",
    );
    host.write({ [file]: "format=1\naddress=0000:41:00.0\nmig=on\n" });
    expect(change("instances=9@4").err).toMatch(/is missing or not complete\n$/);
    expect(host.read(file)).toBe("format=1\naddress=0000:41:00.0\nmig=on\n");
  });
});
