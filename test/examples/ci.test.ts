import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { processIo } from "../../provider/cli/io";
import { program } from "../../provider/cli/program";
import { root } from "../../scripts/setup/places.mjs";

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
}

const text = readFileSync(join(root, "examples/ci/github-actions.yml"), "utf8");
const workflow = parse(text) as {
  env: Record<string, string>;
  jobs: Record<string, { if: string; permissions: Record<string, string>; steps: Step[] }>;
};
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

test("actions are pinned to a major version", () => {
  const used = steps.flatMap(({ uses }) => uses ?? []);
  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
});

test("secrets reach jobs through the environment, and no text of a pull request runs in a shell", () => {
  const env = Object.assign({}, workflow.env, ...steps.map((step) => step.env)) as Record<string, string>;
  for (const [name, value] of Object.entries(env))
    if (/PASS|KEY$|TOKEN/.test(name)) expect(value, name).toMatch(/^\$\{\{ (secrets\.\w+|github\.token) \}\}$/);
  for (const { run } of steps) expect(run ?? "").not.toContain("${{");
});

test("programs of forks are not run, and jobs have minimal permissions", () => {
  expect(workflow.jobs.preview!.if).toContain("head.repo.full_name == github.repository");
  expect(workflow.jobs.preview!.permissions).toEqual({ contents: "read", "pull-requests": "write" });
  expect(workflow.jobs.drift!.permissions).toEqual({ contents: "read", issues: "write" });
});

test("each command in the workflow and in the document exists", () => {
  const known = program(processIo(), () => undefined).commands.map((command) => command.name());
  const named = [text, readFileSync(join(root, "docs/ci.md"), "utf8")].flatMap((one) =>
    [...one.matchAll(/npx pulumi-nvidia-vgpu (\w+)/g)].map(([, verb]) => verb),
  );
  expect(named.length).toBeGreaterThan(3);
  for (const verb of named) expect(known).toContain(verb);
});

describe("a job", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ci-"));
    mkdirSync(join(folder, "bin"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (name: string, script: string) => {
    writeFileSync(join(folder, "bin", name), `#!/bin/bash\n${script}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  };

  /** The step of a job that calls Pulumi, as the runner would run it, with programs of this test around it. */
  function run(job: string, code: number, openIssue = "") {
    const step = workflow.jobs[job]!.steps.find((one) => one.run?.includes("pulumi preview"))!;
    put("pulumi", `echo "pulumi $*" >> calls; echo '{"steps": []}'; exit ${code}`);
    put("npx", `echo "npx $*" >> calls; echo "summary of $(cat preview.json)"`);
    put("gh", `echo "gh $*" >> calls; case "$*" in "issue list"*) echo "${openIssue}" ;; esac`);
    const { status } = spawnSync("bash", ["-e", "-c", step.run!], {
      cwd: folder,
      encoding: "utf8",
      env: {
        PATH: `${join(folder, "bin")}:${process.env.PATH}`,
        STACK: "prod",
        TITLE: "drift",
        PULL_REQUEST: "7",
        GITHUB_STEP_SUMMARY: join(folder, "step.md"),
      },
    });
    expect(readFileSync(join(folder, "step.md"), "utf8")).toBe('summary of {"steps": []}\n');
    return { status, calls: readFileSync(join(folder, "calls"), "utf8").trim().split("\n") };
  }

  test.each([0, 1])(
    "a preview that ends with %i comments on the pull request, and ends the job with the same code",
    (code) => {
      expect(run("preview", code)).toEqual({
        status: code,
        calls: [
          "pulumi preview --json --non-interactive --stack prod -c nvidia-vgpu:strictPreview=true",
          "npx pulumi-nvidia-vgpu summary preview.json",
          "gh pr comment 7 --edit-last --create-if-none --body-file summary.md",
        ],
      });
    },
  );

  test.each<[string, number, string, string[]]>([
    ["drift opens an issue", 7, "", ["gh issue create --title drift --body-file summary.md"]],
    ["drift that goes on is told there", 7, "12", ["gh issue comment 12 --body-file summary.md"]],
    ["so is a night without a look at all hosts", 1, "12", ["gh issue comment 12 --body-file summary.md"]],
    ["an issue is closed when all is well", 0, "12", ["gh issue close 12 --comment All hosts are as declared again."]],
    ["nothing is said when all is well", 0, "", []],
  ])("%s", (_what, code, issue, said) => {
    const { status, calls } = run("drift", code, issue);
    expect(calls[0]).toBe(
      "pulumi preview --json --expect-no-changes --non-interactive --stack prod -c nvidia-vgpu:strictPreview=true",
    );
    expect(calls.slice(3)).toEqual(said);
    expect(status).toBe(code);
  });
});
