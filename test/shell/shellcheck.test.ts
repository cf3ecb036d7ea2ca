import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { followScript, hostLibrary } from "../../provider/apply/job";
import { thisRestorer } from "../../provider/apply/restorer/restorer";
import { snapshotScript } from "../../provider/apply/snapshot";

const root = join(__dirname, "../..");

/** Files of the lab that read other files, or are read by others, in a way that shellcheck cannot follow. */
const leftOut = /^test\/lab\/(driver\/installer\/(lib\/|nvidia-installer$)|image\/files\/etc\/initramfs-tools\/)/;

/** Scripts that consist of several files. They are checked as hosts get them, with the variables that the client sets in front. */
const job = { id: "id", token: "token", requester: "requester", basedOnRun: "", steps: [] };
const joined: Record<string, string> = {
  "provider/apply/host": hostLibrary(),
  "provider/apply/restorer": thisRestorer().script,
  "provider/apply/follow.sh": followScript(job, "", "folder", "boundary", true),
  "provider/apply/snapshot.sh": snapshotScript("folder", "boundary"),
};
const isPart = (file: string) => Object.keys(joined).some((path) => file === path || file.startsWith(`${path}/`));

const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));

const isShell = (file: string) =>
  file.endsWith(".sh") || /^#!\S*[/ ](?:env )?(?:ba|da)?sh\n/.test(readFileSync(join(root, file), "utf8"));

const scripts = [".ci", "provider", "scripts", "test"]
  .flatMap(filesIn)
  .filter((file) => isShell(file) && !isPart(file) && !leftOut.test(file));

/** Returns the findings of shellcheck. Throws if shellcheck could not check everything: then no findings would prove nothing. */
function findings(args: string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync("shellcheck", args, { cwd: root, input, encoding: "utf8" });
  if (error) throw new Error("shellcheck could not be started. Install it with `npm run setup`.", { cause: error });
  if (status !== 0 && status !== 1) throw new Error(`shellcheck ended with ${status}: ${stderr || stdout}`);
  return stdout;
}

describe("shellcheck finds nothing in", () => {
  test.each(scripts)("%s", (file) => expect(findings([file])).toBe(""));

  test.each(Object.entries(joined))("%s", (_, script) => expect(findings(["--shell=dash", "-"], script)).toBe(""));
});

test("shellcheck reports what .shellcheckrc does not disable", () => {
  expect(findings(["--shell=dash", "-"], 'printf "%s\\n" "$missing"\n')).toContain("SC2154");
});
