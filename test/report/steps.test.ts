import { expect, test } from "vitest";
import { summarizeSteps } from "../../provider/report";
import { adoptions, creations, functionsOn, installation, removal, todo, uuid } from "./fixtures";

const [a, b] = ["0000:41:00.0", "0000:c1:00.0"];
const words = (steps: Parameters<typeof summarizeSteps>[0]["steps"]) =>
  summarizeSteps({ steps }).map(({ title, reason }) => `${title}: ${reason}`);

test("vGPUs of one type on one GPU are made, removed and adopted in one line each", () => {
  const steps = [
    ...[1, 2].map((number) => removal("A40-8Q", number, a)),
    ...creations("A40-24Q", 2, a),
    ...creations("A40-24Q", 3, b),
    ...adoptions("A40-24Q", 2, a),
  ];
  expect(words(steps)).toEqual([
    `remove 2 × A40-8Q on ${a}: it is not wanted any more`,
    `create 2 × A40-24Q on ${a}: there is none yet`,
    `create 3 × A40-24Q on ${b}: there is none yet`,
    `adopt 2 × A40-24Q on ${a}: it is there as wanted, and nobody wrote down whose it is`,
  ]);
});

test("in both frameworks", () => {
  const vgpu = { type: "L40S-12Q", gpu: a };
  const steps = [4, 5].flatMap((fn) => [
    todo(
      `remove the L40S-12Q on 0000:41:00.${fn}`,
      "it is not wanted any more",
      ["clear_type", `0000:41:00.${fn}`, "1"],
      { vgpu },
    ),
    todo(
      `create L40S-12Q ${uuid(fn)} on 0000:41:00.${fn}`,
      "there is none yet",
      ["set_type", `0000:41:00.${fn}`, "1"],
      { vgpu },
    ),
  ]);
  expect(words(steps)).toEqual([
    `remove 2 × L40S-12Q on ${a}: it is not wanted any more`,
    `create 2 × L40S-12Q on ${a}: there is none yet`,
  ]);
});

test("one alone is told as it is, and so is everything that is no vGPU", () => {
  const steps = [...installation(), functionsOn(a), ...creations("A40-8Q", 1, a)];
  expect(words(steps)).toEqual(steps.map(({ title, reason }) => `${title}: ${reason}`));
});

test("reasons that say the same are given once, others side by side", () => {
  const [first, second, third] = creations("A40-8Q", 3, a);
  const gone = (number: number) => `the A40-8Q ${uuid(number)} on 0000:41:00.${3 + number} is gone`;
  expect(words([{ ...first!, reason: gone(1) }, second!, { ...third!, reason: gone(3) }])).toEqual([
    `create 3 × A40-8Q on ${a}: the A40-8Q … on … is gone; there is none yet`,
  ]);
});

test("a long reason ends at a word", () => {
  const because = `missing: ${"linux-headers ".repeat(40)}`;
  const [line] = summarizeSteps({ steps: [todo("install", because, ["x"])] });
  expect(line!.reason).toMatch(/^missing: (linux-headers )+…$/);
  expect(line!.reason.length).toBeLessThanOrEqual(202);
  expect(summarizeSteps({ steps: [todo("install", "x".repeat(500), ["x"])] })[0]!.reason).toBe(`${"x".repeat(200)} …`);
});
