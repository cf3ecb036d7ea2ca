import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isKnown } from "../../provider/model/unknown";
import { hostFacts, newBoundary, probeScript } from "../../provider/probe";
import { canReplicate, Replica, sectionsOf } from "./replica";

const shells = ["dash", "bash"].filter((shell) => spawnSync(shell, ["-c", "true"]).status === 0);

describe.each(shells)("on this machine, under %s", (shell) => {
  const boundary = newBoundary();
  const { status, stdout, stderr } = spawnSync(shell, ["-s", boundary], {
    input: probeScript(),
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });

  test("the probe prints a complete capture and nothing on stderr", () => {
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.startsWith(`nvidia-vgpu-capture 1 ${boundary}\n`)).toBe(true);
    expect(stdout.endsWith(`\n--${boundary} end\n`)).toBe(true);
  });

  test("the facts describe this machine", () => {
    const facts = hostFacts(stdout);
    expect(facts.system.root).toBe(process.getuid?.() === 0);
    expect(facts.boot.kernel).toBe(readFileSync("/proc/sys/kernel/osrelease", "utf8").trim());
    expect(facts.system.identity.bootId).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
    expect(Object.keys(facts.system.tools)).toContain("timeout");
  });
});

test("the script writes only to its output", () => {
  const code = probeScript().replace(/^\s*#.*$/gm, "");
  expect([...new Set([...code.matchAll(/>+\s*([^\s;)]+)/g)].map(([, target]) => target))].sort()).toEqual([
    "&1",
    "&3",
    "/dev/null",
  ]);
  expect(code).not.toMatch(/\b(tee|mktemp|touch|rm|modprobe|mkdir|cp|mv|ln)\s/);
});

const folder = join(__dirname, "..", "captures");
const capture = (name: string) => readFileSync(join(folder, `${name}.txt`), "utf8");
const byRoot = readdirSync(folder)
  .flatMap((file) => /^(.*)\.txt$/.exec(file)?.[1] ?? [])
  .filter((name) => hostFacts(capture(name)).system.root);

/**
 * The wildcards of two shells may list in another order, a copied file has its time by the microsecond, and the empty lines at the end of
 * an output are not printed.
 */
const comparable = (sections: Map<string, string[]>) =>
  Object.fromEntries(
    [...sections].map(([name, lines]) => [
      name,
      lines
        .join("\n")
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/\.\d{10}$/, ""))
        .sort(),
    ]),
  );

describe.skipIf(!canReplicate)("in a replica of a host", () => {
  test.each(byRoot)("the probe reproduces the capture %s", (name) => {
    const { capture: again } = probed(capture(name));
    expect(comparable(sectionsOf(again))).toEqual(comparable(sectionsOf(capture(name))));
  });

  test("256 virtual functions take as many programs as 32", () => {
    const one = capture("debian-12-a40-mdev").replace(/^.*\/nvidia-(?!560)\d+\/.*\n/gm, "");
    const lines = one.split("\n").filter((line) => line.startsWith("/sys/bus/pci/devices/0000:41:"));
    const eight = ["42", "43", "44", "45", "46", "47", "48"].flatMap((bus) =>
      lines.map((line) => line.replaceAll("0000:41:", `0000:${bus}:`)),
    );
    const [files, links] = [eight.filter((line) => !isLink(line)), eight.filter(isLink)];
    const many = one
      .replace(/(--\S+ files\n)/, `$1${files.join("\n")}\n`)
      .replace(/(--\S+ links\n)/, `$1${links.join("\n")}\n`);

    const few = probed(one).ran;
    const { capture: large, ran } = probed(many);
    expect(hostFacts(large).gpus.flatMap(({ functions }) => functions)).toHaveLength(8 * 33);
    expect(ran.sort()).toEqual(few.sort());
    expect(ran.length).toBeLessThanOrEqual(24);
  });
});

const calls = (text: string) => probed(text).ran.filter((program) => program.startsWith("nvidia-smi")).length;

test.skipIf(!canReplicate)(
  "places of vGPUs take one call of nvidia-smi more, only with mixed-size mode and mdevs",
  () => {
    const mixed = (name: string) =>
      capture(name).replace(/^( +Host VGPU Mode.*)$/m, "$1\n        vGPU Heterogeneous Mode           : Enabled");
    expect(calls(mixed("debian-12-a40-mdev"))).toBe(2);
    expect(calls(mixed("debian-12-a40-mdev").replace("Mode           : Enabled", "Mode           : Disabled"))).toBe(1);
    expect(calls(mixed("ubuntu-24.04-l40s-vendor"))).toBe(1);
  },
);

describe("GPUs with MIG", () => {
  test.each([
    ["No MIG-enabled devices found.", []],
    ["NVIDIA-SMI has failed", { unknown: "NVIDIA-SMI has failed" }],
    [
      "No GPU instances found: Insufficient Permissions",
      { unknown: "No GPU instances found: Insufficient Permissions" },
    ],
  ])("have instances as nvidia-smi lists them, and %j is known to be none or not", (text, instances) => {
    const replaced = capture("lab-t4-a40-a100").replace(/^(--\S+ mig-instances\n)[^]*?(?=^--)/m, `$1${text}\n`);
    const [mig] = hostFacts(replaced).gpus.flatMap((gpu) => (isKnown(gpu.mig) && gpu.mig) || []);
    expect(mig!.instances).toEqual(instances);
  });

  test("take four calls of nvidia-smi more, however many they are, and those without it none", () => {
    const one = capture("lab-t4-a40-a100");
    const [, report] = /^(GPU 00000000:C4:00\.0\n[^]*?)(?=^GPU |^--)/m.exec(one) ?? [];
    const eight = ["C5", "C6", "C7", "C8", "C9", "CA", "CB"].map((bus) => report!.replaceAll("C4:00.0", `${bus}:00.0`));
    expect(calls(one)).toBe(5);
    expect(calls(one.replace(report!, report! + eight.join("")))).toBe(5);
    expect(calls(capture("debian-12-a40-mdev"))).toBe(1);
  });
});

const isLink = (line: string) => /\/(driver|iommu_group|physfn|virtfn\d+|mdev_supported_types)\t/.test(line);

function probed(text: string): { capture: string; ran: string[] } {
  const replica = new Replica(text);
  try {
    return replica.probe("replica");
  } finally {
    replica.remove();
  }
}
