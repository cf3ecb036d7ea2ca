import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/places.mjs";

/** Lines of tracked files that match, as `file:line:text`. */
function linesWith(options: string[], pattern: string, files: string[]): string[] {
  try {
    const found = execFileSync("git", ["grep", "-nI", ...options, "-E", pattern, "--", ...files], {
      cwd: root,
      encoding: "utf8",
    });
    return found.trim().split("\n");
  } catch (error) {
    // git grep exits with 1 when it finds nothing.
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  }
}

const metaphors = "farewell|cargo|manners|teller|twins|sayings|passengers|lifeOf|inWords|whose";
const phrases = "(is|are) (said|told)|somebody|made anew|what it stands on";

test("code has no names that are metaphors or riddles: CONTRIBUTING.md says how to write", () => {
  expect(linesWith(["-wi"], metaphors, ["provider"])).toEqual([]);
});

test("code, help texts and documents have none of the phrases that CONTRIBUTING.md replaces", () => {
  const files = ["provider", "docs", "examples", "*.md", ":!CONTRIBUTING.md", ":!CHANGELOG.md", ":!test"];
  expect(linesWith(["-i"], phrases, files)).toEqual([]);
});

test("the search for phrases finds those of the phrase-book", () => {
  expect(linesWith(["-i"], phrases, ["CONTRIBUTING.md"]).length).toBeGreaterThan(1);
});
