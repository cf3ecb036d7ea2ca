import { expect, test } from "vitest";
import { FleetFileError, parseFleet } from "../../provider/fleet";

/** A file with a short entry for each host, so that what is compared with all others weighs most. */
const fleetOf = (hosts: number, settings: string, first = "") =>
  `version: 1
x-base: &base {reboot: never}
${first}
hosts:
${Array.from({ length: hosts }, (_, i) => `  gpu${i}.example: {${settings}}`).join("\n")}
`;

/** Returns the processor time of the fastest of some runs, in microseconds. */
function costOf(text: string): number {
  const runs = Array.from({ length: 2 }, () => {
    const before = process.cpuUsage();
    try {
      parseFleet(text, "fleet.yaml");
    } catch (error) {
      if (!(error instanceof FleetFileError)) throw error;
    }
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...runs);
}

const names = (hosts: number) => Array.from({ length: hosts }, (_, i) => `gpu${i}.exmple`).join(", ");

test.each<[string, (hosts: number) => string]>([
  ["without mistakes", (hosts) => fleetOf(hosts, "<<: *base")],
  ["with a mistake in each host", (hosts) => fleetOf(hosts, "rebot: never")],
  ["with a mistake in each host that shows after merging", (hosts) => fleetOf(hosts, "gpus: {a: {}}")],
  ["with canaries that do not exist", (hosts) => fleetOf(hosts, "", `rollout: {canary: [${names(hosts)}]}`)],
])("reading a file %s takes time in proportion to its hosts", (_, fileOf) => {
  costOf(fileOf(100));
  // In proportion to the square it would be 64.
  expect(costOf(fileOf(4000)) / costOf(fileOf(500))).toBeLessThan(20);
});

test("the message for thousands of mistakes has the first ones and their number", () => {
  const error = (() => {
    try {
      parseFleet(fleetOf(2000, "rebot: never"), "fleet.yaml");
    } catch (thrown) {
      return thrown as FleetFileError;
    }
    throw new Error("no mistake was found");
  })();
  expect(error.issues).toHaveLength(2000);
  const lines = error.message.split("\n");
  expect(lines[0]).toBe("Could not use the fleet file fleet.yaml: 2000 mistakes.");
  expect(lines.at(-1)).toBe("and 1950 more");
  expect(lines).toHaveLength(52);
});

test.each(["[", "{a: ", "- ", "? "])("a file of thousands of levels is refused: %j", (level) => {
  expect(() => parseFleet(`hosts:\n  ${level.repeat(20_000)}`, "fleet.yaml")).toThrow(
    /fleet\.yaml:2:\d+: nested more than 100 levels deep/,
  );
});
