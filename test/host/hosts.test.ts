import { describe, expect, it } from "vitest";
import { hostAt } from "../../provider/host";
import { clientName } from "../../provider/host/client-name";
import type { Plan, Step } from "../../provider/plan";
import { runnableSteps, step, stepsBeforeReboot } from "../../provider/plan";

describe("the host of a connection", () => {
  const connection = { host: "gpu01", user: "ops", password: "secret" };

  it("is the same object for equal connections", () => {
    expect(hostAt({ ...connection })).toBe(hostAt({ ...connection }));
    expect(hostAt({ ...connection, dialErrorLimit: 9 })).toBe(hostAt(connection));
    expect(hostAt(connection).name).toBe("ops@gpu01");
  });

  it.each([
    { host: "gpu02" },
    { port: 2222 },
    { user: "root" },
    { password: "other" },
    { sudo: { password: "x" } },
    { proxy: { host: "jump" } },
  ])("is another one with %o", (other) => expect(hostAt({ ...connection, ...other })).not.toBe(hostAt(connection)));
});

describe("the name of a client", () => {
  const who = /^\S+@\S+ \(pid \d+; /;
  it("has user, machine, process and resources", () => {
    expect(clientName(["urn:pulumi:dev::shop::nvidia-vgpu:index:VgpuManagerInstall::gpu01"])).toMatch(
      /; VgpuManagerInstall gpu01\)$/,
    );
    expect(clientName(["urn:pulumi:dev::shop::my:Fleet$nvidia-vgpu:index:MdevVgpu::a::b"])).toMatch(
      /; MdevVgpu a::b\)$/,
    );
    expect(clientName(["a\nb", "c", "d", "e", "f"])).toMatch(/; a b, c, d and 2 more\)$/);
    expect(clientName(["a"])).toMatch(who);
  });
});

describe("the runnable steps of a plan", () => {
  const named = (id: string, keys: string[], more: Partial<Step> = {}): Step => ({
    ...step({ title: id, reason: "", command: [id], requestedBy: keys }),
    ...more,
  });
  const plan = (steps: Step[], ...blocked: string[]): Plan => ({
    steps,
    blockers: blocked.map((key) => ({ reason: "", hint: "", requestedBy: [key] })),
    notes: [],
  });
  const ids = (steps: Step[]) => steps.map(({ id }) => id);

  it("are those of open requests that are not blocked", () => {
    const steps = [named("a", ["a"]), named("b", ["b"]), named("both", ["a", "b"]), named("c", ["c"])];
    expect(ids(stepsBeforeReboot(plan(steps, "b"), new Set(["a", "b"])))).toEqual(["a", "both"]);
  });

  it("depend on no step that is left out", () => {
    const steps = [
      named("base", ["b"]),
      named("above", ["a"], { dependsOn: ["base"] }),
      named("top", ["a"], { dependsOn: ["above"] }),
      named("a", ["a"], { dependsOn: ["done before"] }),
    ];
    expect(ids(stepsBeforeReboot(plan(steps, "b"), new Set(["a", "b"])))).toEqual(["a"]);
  });

  it("end with the first reboot", () => {
    const steps = [named("a", ["a"]), named("reboot", ["a"], { requiresReboot: true }), named("c", ["a"])];
    expect(ids(stepsBeforeReboot(plan(steps), new Set(["a"])))).toEqual(["a", "reboot"]);
    expect(ids(runnableSteps(plan(steps), new Set(["a"])))).toEqual(["a", "reboot", "c"]);
  });
});
