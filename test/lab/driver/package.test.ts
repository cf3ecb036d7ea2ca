import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPackage, driverVersions, packageName, payload } from "./package";
import type { Release } from "./tables";
import { cardsHeader, cardsTable, profilesTable, typesTable } from "./tables";

const release = (version: string): Release => ({ version, branch: Number(version.split(".")[0]), vgpu: true });

describe("the stand-in driver's packages", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "lab-packages-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const sh = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync("sh", words, { cwd: folder, encoding: "utf8" });
    return { status, output: stdout + stderr };
  };

  test.each(driverVersions)("%s is the same bytes each time, under NVIDIA's name", (version) => {
    const path = buildPackage(version, folder);
    expect(path).toBe(join(folder, packageName(version)));
    expect(readFileSync(buildPackage(version, join(folder, "again"))).equals(readFileSync(path))).toBe(true);
  });

  test("what nvidia-smi is made of compiles without warnings", () => {
    const tools = payload("550.163.02").filter(({ path }) => path.startsWith("tools/"));
    const perl = tools.filter(({ path, content }) => path.endsWith(".pm") || /^#!.*perl/.test(content.toString()));
    expect(perl.length).toBeGreaterThan(5);
    sh(packageName("550.163.02"), "-x", "--target", "perl");
    for (const { path } of perl) {
      const words = ["-w", "-I", "perl/tools", "-c", join("perl", path)];
      expect(spawnSync("perl", words, { cwd: folder, encoding: "utf8" }).stderr).toBe(`perl/${path} syntax OK\n`);
    }
  });

  test("names", () => {
    expect(packageName("550.163.02")).toBe("NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run");
    expect(packageName("580.105.06-deb")).toBe("nvidia-vgpu-ubuntu-580_580.105.06_amd64.deb");
    expect(packageName("580.159.04")).toBe("NVIDIA-Linux-x86_64-580.159.04.run");
    expect(() => packageName("999.1")).toThrow(/there is no driver 999.1/);
  });

  test("a .run extracts itself to what it was made from", () => {
    const run = packageName("550.163.02");
    expect(sh(run, "-x")).toMatchObject({
      status: 0,
      output: expect.stringContaining("Verifying archive integrity... OK"),
    });
    for (const { path, content } of payload("550.163.02")) {
      expect(readFileSync(join(folder, run.replace(".run", ""), path), "utf8")).toBe(content.toString());
    }
    expect(sh(run, "-x")).toMatchObject({ status: 1, output: expect.stringContaining("already exists") });
  });

  test("a .run that did not arrive whole says so and does nothing", () => {
    const short = join(folder, "short.run");
    writeFileSync(short, readFileSync(join(folder, packageName("550.163.02"))));
    truncateSync(short, 20_000);
    expect(sh("short.run", "-s")).toMatchObject({
      status: 1,
      output: expect.stringContaining("Error in MD5 checksums"),
    });
  });

  test.each([
    ["510.85.03", "--no-dkms"],
    ["535.230.02", "--skip-module-load"],
    ["535.230.02", "--allow-installation-with-running-driver"],
    ["550.163.02", "-M open"],
    ["550.163.02", "--print-recommended-kernel-module-type"],
    ["580.105.06", "--no-such-option"],
    ["580.105.06", "--tmpdir"],
  ])("%s does not know %s", (version, option) => {
    const { status, output } = sh(packageName(version), "-s", ...option.split(" "));
    expect(status).toBe(1);
    expect(output).toContain("ERROR: Invalid commandline, please run `./nvidia-installer --help`");
  });

  test.skipIf(spawnSync("dpkg-deb", ["--version"]).status !== 0)("dpkg reads the .deb", () => {
    const deb = join(folder, packageName("580.105.06-deb"));
    const field = (name: string) => spawnSync("dpkg-deb", ["-f", deb, name], { encoding: "utf8" }).stdout.trim();
    expect([field("Package"), field("Version"), field("Architecture")]).toEqual([
      "nvidia-vgpu-ubuntu-580",
      "580.105.06",
      "amd64",
    ]);
    expect(spawnSync("dpkg-deb", ["-c", deb], { encoding: "utf8" }).stdout).toContain(
      "./usr/lib/nvidia/alternate-install-present",
    );
  });
});

describe("the tables in a package", () => {
  const rows = (text: string): string[] => text.trimEnd().split("\n");

  test("a type is a line in the kernel module's words, and no id comes twice", () => {
    const lines = rows(typesTable(release("550.163.02")));
    for (const line of lines)
      expect(line).toMatch(/^type [0-9a-f]{4} \d+ \d+ \d+ \d+ \d+ \d+x\d+ (-|\d+) (GRID|NVIDIA) \S.*$/);
    const ids = lines.map((line) => line.split(" ")[2]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(lines).toContain("type 2235 560 4096 12 4 60 7680x4320 - NVIDIA A40-4Q");
  });

  test("a package knows the cards of its branch only", () => {
    const devices = (version: string) => rows(cardsTable(release(version))).map((row) => row.split("\t")[0]);
    expect(devices("510.85.03")).toContain("1b39");
    expect(devices("510.85.03")).not.toContain("26b9");
    expect(devices("580.105.06")).toEqual(expect.arrayContaining(["1eb8", "26b9", "2bb5"]));
    expect(devices("580.105.06")).not.toContain("1b39");
    expect(cardsHeader(release("510.85.03"))).toContain(
      '{ 0x1b39, 0x1217, "NVIDIA Graphics Device", "Pascal", 23040, NV_CARD_REFUSED, 0, 367, 550 },',
    );
  });

  test("C types have 4096x2160 up to R510 and 4096x2400 from R525 on", () => {
    const c4 = (version: string) => rows(typesTable(release(version))).find((line) => line.endsWith("A40-4C"));
    expect(c4("510.85.03")).toContain(" 4096x2160 ");
    expect(c4("535.230.02")).toContain(" 4096x2400 ");
  });

  test("several MIG-backed vGPUs fit into an instance of the RTX PRO 6000, one into that of an A100", () => {
    const most = (name: string) =>
      Number(
        rows(typesTable(release("580.105.06")))
          .find((line) => line.endsWith(` ${name}`))!
          .split(" ")[4],
      );
    expect(most("NVIDIA RTX Pro 6000 Blackwell DC-1-12Q")).toBe(8);
    expect(most("GRID A100-1-5C")).toBe(7);
    expect(rows(profilesTable(release("550.163.02")))).toContain(
      "20f1\t14\t2g.10gb\t3\t2\t0 2 4\t9.75\t28\t1\t0\t2\t0\t0",
    );
  });
});
