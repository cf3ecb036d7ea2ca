import { z } from "zod";

/** A name as of a file, with `*` and `?`. */
export const ContainerPattern = z
  .string()
  .regex(/^[\w.@:*?+-]+$/, "a container's name, or its beginning and *: node-exporter, kolla*");

export const RebootPolicy = z.union([
  z.enum(["never", "whenIdle"]),
  z.strictObject({
    whenIdle: z
      .strictObject({
        exceptContainers: z
          .array(ContainerPattern)
          .min(1)
          .describe(
            "Containers that may be rebooted under, by name, id, systemd unit, slice or command; * and ? stand for other text.",
          ),
      })
      .describe("Reboot when nothing runs, except for what is named here."),
  }),
]);
export type RebootPolicy = z.infer<typeof RebootPolicy>;

/** undefined: it is never rebooted from here. */
export function exceptContainers(policy: RebootPolicy): string[] | undefined {
  if (policy === "never") return undefined;
  return policy === "whenIdle" ? [] : policy.whenIdle.exceptContainers;
}

/** As `case` of a shell takes it. */
export function isExcepted(names: readonly string[], patterns: readonly string[]): boolean {
  const expressions = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/[.+]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`),
  );
  return names.some((name) => expressions.some((expression) => expression.test(name)));
}
