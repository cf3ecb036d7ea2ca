import { expect, test } from "vitest";
import { summarizeSteps } from "../../provider/report";
import { adoptions, creations, functionsOn, installation, removal, todo, uuid } from "./fixtures";

const [a, b] = ["0000:41:00.0", "0000:c1:00.0"];
const words = (steps: Parameters<typeof summarizeSteps>[0]["steps"]) =>
  summarizeSteps({ steps }).map(({ title, reason }) => `${title}: ${reason}`);

test("created, removed and adopted vGPUs of one type on one GPU are one line each", () => {
  const steps = [
    ...[1, 2].map((number) => removal("A40-8Q", number, a)),
    ...creations("A40-24Q", 2, a),
    ...creations("A40-24Q", 3, b),
    ...adoptions("A40-24Q", 2, a),
  ];
  expect(words(steps)).toEqual([
    `remove 2 × A40-8Q on ${a}: no longer declared`,
    `create 2 × A40-24Q on ${a}: missing`,
    `create 3 × A40-24Q on ${b}: missing`,
    `adopt 2 × A40-24Q on ${a}: it matches, and has no record`,
  ]);
});

test("vGPUs of the vendor framework are one line too", () => {
  const vgpu = { type: "L40S-12Q", gpu: a };
  const steps = [4, 5].flatMap((fn) => [
    todo(`remove the L40S-12Q on 0000:41:00.${fn}`, "no longer declared", ["clear_type", `0000:41:00.${fn}`, "1"], {
      vgpu,
    }),
    todo(`create L40S-12Q ${uuid(fn)} on 0000:41:00.${fn}`, "missing", ["set_type", `0000:41:00.${fn}`, "1"], { vgpu }),
  ]);
  expect(words(steps)).toEqual([
    `remove 2 × L40S-12Q on ${a}: no longer declared`,
    `create 2 × L40S-12Q on ${a}: missing`,
  ]);
});

test("a single vGPU and all other steps keep their own titles", () => {
  const steps = [...installation(), functionsOn(a), ...creations("A40-8Q", 1, a)];
  expect(words(steps)).toEqual(steps.map(({ title, reason }) => `${title}: ${reason}`));
});

test("equal reasons are listed once, different ones next to each other", () => {
  const [first, second, third] = creations("A40-8Q", 3, a);
  const gone = (number: number) => `the A40-8Q ${uuid(number)} on 0000:41:00.${3 + number} is gone`;
  expect(words([{ ...first!, reason: gone(1) }, second!, { ...third!, reason: gone(3) }])).toEqual([
    `create 3 × A40-8Q on ${a}: the A40-8Q … on … is gone; missing`,
  ]);
});

test("a long reason is cut at the end of a word", () => {
  const because = `missing: ${"linux-headers ".repeat(40)}`;
  const [line] = summarizeSteps({ steps: [todo("install", because, ["x"])] });
  expect(line!.reason).toMatch(/^missing: (linux-headers )+…$/);
  expect(line!.reason.length).toBeLessThanOrEqual(202);
  expect(summarizeSteps({ steps: [todo("install", "x".repeat(500), ["x"])] })[0]!.reason).toBe(`${"x".repeat(200)} …`);
});
