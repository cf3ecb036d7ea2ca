import { expect, test } from "vitest";
import { Machine } from "./machine";

/** A compiler that copies its source, or fails if the source contains "wrong". */
const compiler = `
  const { mkdirSync, readFileSync, writeFileSync } = require("fs");
  const out = process.argv[process.argv.indexOf("--outDir") + 1];
  const source = readFileSync("provider/index.ts", "utf8");
  mkdirSync(out, { recursive: true });
  writeFileSync(out + "/index.js", source);
  if (source.includes("wrong")) { console.log("provider/index.ts(1,1): error TS1005"); process.exit(2); }
`;

function machineWith(source: string): Machine {
  const machine = new Machine();
  machine.write("node_modules/typescript/bin/tsc", compiler);
  for (const settings of ["tsconfig.json", "tsconfig.build.json"]) machine.write(settings, "{}");
  machine.write("provider/index.ts", source);
  machine.write("provider/probe/probe.sh", "#!/bin/sh");
  return machine;
}

test("the build contains compiled code and host scripts, and is not repeated", async () => {
  const machine = machineWith("one");
  expect(await machine.setup("build")).toMatchObject({ code: 0, stderr: expect.stringContaining("the build") });
  expect(machine.read("dist/index.js")).toBe("one");
  expect(machine.read("dist/probe/probe.sh")).toBe("#!/bin/sh");
  expect(await machine.setup("build")).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("a changed source is built again, and removed sources disappear from the build", async () => {
  const machine = machineWith("one");
  await machine.setup("build");
  machine.write("dist/removed.js", "");
  machine.write("provider/index.ts", "two");
  await machine.setup("build");
  expect(machine.read("dist/index.js")).toBe("two");
  expect(machine.read("dist/removed.js")).toBeUndefined();
});

test("code that does not compile keeps the last build, and the compiler's errors are printed", async () => {
  const machine = machineWith("one");
  await machine.setup("build");
  machine.write("provider/index.ts", "wrong");
  expect(await machine.setup("build")).toMatchObject({ code: 1, stderr: expect.stringContaining("error TS1005") });
  expect(machine.read("dist/index.js")).toBe("one");
});
