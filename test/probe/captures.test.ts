import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hostFacts } from "../../provider/probe";
import { at } from "./at";

const folder = join(__dirname, "..", "captures");
const names = readdirSync(folder).flatMap((file) => /^(.*)\.txt$/.exec(file)?.[1] ?? []);

describe.each(names)("%s", (name) => {
  const facts = hostFacts(readFileSync(join(folder, `${name}.txt`), "utf8"));
  const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as { facts: Record<string, unknown> };

  test.each(Object.entries(expected.facts))("%s is %j", (path, value) => {
    const found = at(facts, path);
    if (isEmptyObject(value)) expect(found).toEqual({});
    else expect({ found }).toMatchObject({ found: value });
  });
});

const isEmptyObject = (value: unknown) => JSON.stringify(value) === "{}";
