import { expect, test } from "vitest";
import { bootFacts } from "../../../provider/probe/facts/boot";
import { driverFacts } from "../../../provider/probe/facts/driver";
import { restoreFacts } from "../../../provider/probe/facts/restore";
import { captureOf } from "../capture-of";

const uuid = "GPU-00000a40-1111-4222-8333-000000000a40";
const unit = (state: string) => ["Id=nvidia-vgpu-restore.service", "LoadState=loaded", ...state.split(" ")];

const read = (parts: Parameters<typeof captureOf>[0]) => {
  const capture = captureOf(parts);
  return restoreFacts(capture, driverFacts(capture, bootFacts(capture)).services);
};

test("a host without the restorer has no digest, and one without systemd is recognised", () => {
  const tools = ["/usr/bin/systemctl"];
  expect(read({ tools, services: unit("UnitFileState=") })).toMatchObject({ systemd: true, digest: null });
  expect(read({})).toEqual({
    systemd: false,
    digest: null,
    unit: { unknown: expect.any(String) as string },
    gpus: [],
    failures: [],
    rivalLines: [],
  });
});

test("a systemd that does not answer in time is not taken for none", () => {
  expect(read({ tools: ["/usr/bin/systemctl"] })).toMatchObject({
    systemd: true,
    unit: { unknown: expect.any(String) as string },
  });
});

test("the digest has the beginnings of those of script and unit, as the library cuts them", () => {
  const lines = [`${"a1".repeat(32)}  /usr/local/lib/x`, `${"b2".repeat(32)}  /etc/systemd/system/y`];
  const { digest } = read({ restorer: lines });
  expect(digest).toBe("a1a1a1a1a1a1a1a1-b2b2b2b2b2b2b2b2");
  expect(read({ restorer: lines.slice(0, 1) }).digest).toBe("a1a1a1a1a1a1a1a1");
});

test("records of GPUs are read with keys of later versions, and not if they are incomplete", () => {
  const record = [
    "format=2",
    "owner=p/s#1",
    "later=kept",
    "mig=on",
    "instances=9@4 14@0",
    "address=0000:41:00.0",
    "vfs=32",
    "complete=yes",
  ];
  const path = `/etc/nvidia-vgpu/gpus/${uuid}`;
  expect(read({ files: { [path]: record } }).gpus).toEqual([
    {
      uuid,
      address: "0000:41:00.0",
      vfs: 32,
      mig: true,
      migOwner: "",
      mixedSizes: false,
      instances: "9@4 14@0",
      owner: "p/s#1",
    },
  ]);
  expect(read({ files: { [path]: record.slice(0, -1) } }).gpus).toEqual([]);
});

test("copies that an editor left beside records of GPUs, and records with line ends of Windows, are not read", () => {
  const record = ["format=1", "address=0000:41:00.0", "vfs=32", "complete=yes"];
  const folder = "/etc/nvidia-vgpu/gpus";
  const files = {
    [`${folder}/${uuid}~`]: record,
    [`${folder}/${uuid} (copy)`]: record,
    [`${folder}/${uuid.replace("a40", "a41")}`]: record.map((line) => `${line}\r`),
  };
  expect(read({ files }).gpus).toEqual([]);
});

test("a record of MIG mode alone has no virtual functions, and one of nothing is none", () => {
  const path = `/etc/nvidia-vgpu/gpus/${uuid}`;
  const gpusOf = (...lines: string[]) =>
    read({ files: { [path]: ["format=1", "address=0000:41:00.0", ...lines, "complete=yes"] } }).gpus;
  expect(gpusOf("mig=on", "mig_owner=p/s#1")).toMatchObject([{ vfs: 0, mig: true, migOwner: "p/s#1" }]);
  expect(gpusOf("later=kept")).toEqual([]);
  expect(gpusOf("vfs=many")).toEqual([]);
});

test("records that may not be read are unknown, not absent", () => {
  const complaints = [`grep: /etc/nvidia-vgpu/gpus/${uuid}: Permission denied`];
  expect(read({ complaints }).gpus).toHaveProperty("unknown");
});

test("what the boot could not restore comes with the sentence of the restorer", () => {
  const { unit: found, failures } = read({
    services: unit("UnitFileState=enabled ActiveState=failed Result=exit-code"),
    files: { "/run/nvidia-vgpu/restore": [`${uuid} it is held open`, "host the driver nvidia is not loaded"] },
  });
  expect(found).toMatchObject({ present: true, enabled: "enabled", active: "failed" });
  expect(failures).toEqual([
    { item: uuid, reason: "it is held open" },
    { item: "host", reason: "the driver nvidia is not loaded" },
  ]);
});

test("lines of enabled units, cron and rc.local that enable virtual functions are read with their file", () => {
  const files = {
    "/etc/crontab": ["@reboot root /usr/lib/nvidia/sriov-manage -e ALL"],
    "/etc/systemd/system/multi-user.target.wants/vf.service": ["ExecStart=/usr/lib/nvidia/sriov-manage -e ALL"],
    "/etc/os-release": ["ID=debian"],
  };
  expect(read({ files }).rivalLines).toEqual([
    { file: "/etc/crontab", line: "@reboot root /usr/lib/nvidia/sriov-manage -e ALL" },
    {
      file: "/etc/systemd/system/multi-user.target.wants/vf.service",
      line: "ExecStart=/usr/lib/nvidia/sriov-manage -e ALL",
    },
  ]);
});
