import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { pulumiModule } from "../lifecycle/engine/pulumi-library";
import type { Path } from "../lifecycle/parse";
import { unknownValue } from "../lifecycle/parse";
import type { State } from "../lifecycle/state";
import { secretProperties } from "../model/connection";
import { UserError } from "../model/errors";
import { formatPath } from "./property-path";

/**
 * Constants of Pulumi's protocol, which a test compares with those of its library: loading that takes a second. Its own functions do not
 * fit: they move the mark of a nested secret to the top-level property.
 */
export const signatures = {
  key: "4dabf18193072939515e22adb298388d",
  secret: "1b47061264138c4ac30d75fd1eb44270",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
};

/** A property bag as the core takes it: plain JSON, in which unknown values are the placeholder. */
export interface Properties {
  value: State;
  /** Where secrets were, as text. */
  secrets: ReadonlySet<string>;
}

const keyOf = (path: Path): string => JSON.stringify(path);

export function fromWire(struct: Struct | undefined): Properties {
  const secrets = new Set<string>();
  const noteSecret = (path: Path) => void secrets.add(keyOf(path));
  return { value: struct ? (parseValue(struct.toJavaScript(), [], noteSecret) as State) : {}, secrets };
}

function parseValue(value: unknown, path: Path, noteSecret: (path: Path) => void): unknown {
  if (Array.isArray(value)) return value.map((part, i) => parseValue(part, [...path, i], noteSecret));
  if (typeof value !== "object" || value === null) return value;
  const fields = value as State;
  switch (fields[signatures.key]) {
    case undefined:
      return Object.fromEntries(
        Object.entries(fields).map(([key, part]) => [key, parseValue(part, [...path, key], noteSecret)]),
      );
    case signatures.secret:
      noteSecret(path);
      return parseValue(fields.value, path, noteSecret);
    case signatures.output:
      if (fields.secret) noteSecret(path);
      return fields.value === undefined ? unknownValue : parseValue(fields.value, path, noteSecret);
    default:
      throw new UserError({
        action: `read the property ${formatPath(path)}`,
        cause: "it is an asset, an archive or a resource",
        hint: "Give a plain value, such as an output of the resource.",
      });
  }
}

/** Marks as secret what was secret, and what the names of its properties show to be secret. */
export const toWire = (value: State, secrets: ReadonlySet<string> = new Set()): Struct =>
  pulumiModule("google-protobuf/google/protobuf/struct_pb.js").Struct.fromJavaScript(
    formatValue(value, [], secrets) as never,
  );

function formatValue(value: unknown, path: Path, secrets: ReadonlySet<string>): unknown {
  const plain = formatParts(value, path, secrets);
  const isSecret = secrets.has(keyOf(path)) || secretProperties.has(String(path.at(-1)));
  return isSecret && path.length > 0 ? { [signatures.key]: signatures.secret, value: plain } : plain;
}

function formatParts(value: unknown, path: Path, secrets: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((part, i) => formatValue(part, [...path, i], secrets));
  if (typeof value !== "object" || value === null) return value;
  const given = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(given.map(([key, part]) => [key, formatValue(part, [...path, key], secrets)]));
}
