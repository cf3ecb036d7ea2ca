import { expect, test } from "vitest";
import { isExcepted, RebootPolicy } from "../../provider/model/desired/reboot-policy";

test.each([
  ["web", true],
  ["w*", true],
  ["w?b", true],
  ["we", false],
  ["*.eb", false],
])("a container named web matches %s: %s", (pattern, is) => expect(isExcepted(["0123", "web"], [pattern])).toBe(is));

test("patterns with special characters of a shell are rejected", () => {
  const policy = (pattern: string) => RebootPolicy.safeParse({ whenIdle: { exceptContainers: [pattern] } }).success;
  for (const pattern of ["a b", "[ab]", "$(x)", "a|b", "'", ""]) expect(policy(pattern)).toBe(false);
  expect(policy("kolla_*")).toBe(true);
});
