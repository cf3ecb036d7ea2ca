import { describe, expect, test } from "vitest";
import { address, generations, lowestBranch, oemString, parseCards } from "./cards";

const strings = (list: string) => parseCards(list).map(oemString);

describe("a list of cards", () => {
  test("puts cards into the host's slots, Pascal cards behind the second processor", () => {
    expect(strings("T4,A40,P10")).toEqual([
      "lab-card=0000:41 1eb8 12a2 0302 16 4 16384 1 3",
      "lab-card=0000:45 2235 145a 0302 32 4 49152 2 5",
      "lab-card=0000:82 1b39 1217 0302 0 0 23040 3 1",
    ]);
  });

  test("takes addresses by hand and numbers their slots with what is left", () => {
    const cards = parseCards("T4@0000:3b,A40@0000:41,A10@0001:c8");
    expect(cards.map(address)).toEqual(["0000:3b", "0000:41", "0001:c8"]);
    expect(cards.map(({ slot }) => slot)).toEqual([2, 1, 3]);
  });

  test("keeps free places away from those taken by hand", () => {
    expect(parseCards("A40,A10@0000:43").map(address)).toEqual(["0000:49", "0000:43"]);
  });

  test("tells two of a kind apart, and a card keeps its serial wherever it is put", () => {
    expect(parseCards("L40S,L40S").map(({ serial }) => serial)).toEqual([8, 108]);
    expect(parseCards("L40S@0000:49")[0]!.serial).toBe(8);
  });

  test("knows display-less workstation cards and an unlocked P10", () => {
    expect(strings("RTXA5000")[0]).toContain(" 0 4 24576 ");
    expect(strings("RTXA5000:displayless")[0]).toContain(" 24 4 24576 ");
    expect(strings("p10:unlocked")[0]).toBe("lab-card=0000:82 1b39 1217 0302 0 0 23040 3 1 unlocked");
  });

  test.each([
    ["", "at least one card"],
    ["V100", "There is no card"],
    ["A40:unlocked", 'no option "unlocked"'],
    ["A40@41", "is no card"],
    ["A40@0000:01", "no bus for the root port"],
    ["A40@0000:41,A10@0000:42", "too close"],
    [Array(17).fill("A40").join(), "has 16 slots"],
  ])("refuses %j", (list, message) => expect(() => parseCards(list)).toThrow(message));

  test("has room for sixteen", () => {
    expect(new Set(parseCards(Array(16).fill("T4").join()).map(address)).size).toBe(16);
  });
});

test("the cards say which driver branches know them and how it builds its modules", () => {
  expect(lowestBranch(parseCards("A40,RTXPRO6000"))).toBe(573);
  expect(generations(parseCards("A40,L40S"), 550)).toEqual({ old: true, new: true });
  expect(generations(parseCards("A40,L40S"), 510)).toEqual({ old: true, new: false });
});
