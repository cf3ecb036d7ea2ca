import { z } from "zod";

/** A name pattern with `*` and `?`. */
export const ContainerPattern = z
  .string()
  .regex(/^[\w.@:*?+-]+$/, "a container name, with * and ? as wildcards: node-exporter, kolla*");

export const RebootPolicy = z.union([
  z.enum(["never", "whenIdle"]),
  z.strictObject({
    whenIdle: z
      .strictObject({
        exceptContainers: z
          .array(ContainerPattern)
          .min(1)
          .describe(
            "Containers that do not block a reboot, by name, id, systemd unit, slice or command, with the wildcards * and ?.",
          ),
      })
      .describe("Reboot when nothing runs, apart from these exceptions."),
  }),
]);
export type RebootPolicy = z.infer<typeof RebootPolicy>;

/** Returns the containers that do not block a reboot; undefined if the host is never rebooted. */
export function exceptContainers(policy: RebootPolicy): string[] | undefined {
  if (policy === "never") return undefined;
  return policy === "whenIdle" ? [] : policy.whenIdle.exceptContainers;
}

/** Matches names against patterns as `case` in a shell does. */
export function isExcepted(names: readonly string[], patterns: readonly string[]): boolean {
  const expressions = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/[.+]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`),
  );
  return names.some((name) => expressions.some((expression) => expression.test(name)));
}
