import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { describe, expect, test } from "vitest";
import { unknownValue } from "../../provider/lifecycle/parse";
import { formatPath } from "../../provider/native/property-path";
import { fromWire, signatures, toWire } from "../../provider/native/wire";

const secret = (value: unknown) => ({ [signatures.key]: signatures.secret, value });
const wire = (value: object) => Struct.fromJavaScript(value as never);
const plain = (struct: Struct) => struct.toJavaScript();

describe("properties on the wire", () => {
  test("the constants of the protocol are those of Pulumi's library", async () => {
    const { runtime } = await import("@pulumi/pulumi");
    expect(signatures).toEqual({
      key: runtime.specialSigKey,
      secret: runtime.specialSecretSig,
      output: runtime.specialOutputValueSig,
    });
    expect(unknownValue).toBe(runtime.unknownValue);
  });

  test("plain values arrive as they are, and go back as they came", () => {
    const value = { text: "a", number: 1.5, yes: true, nothing: null, list: [1, { a: [] }], object: { b: {} } };
    expect(fromWire(wire(value)).value).toEqual(value);
    expect(plain(toWire(value))).toEqual(value);
  });

  test("secrets are unwrapped, and wrapped again at the same places", () => {
    const given = { tags: [secret("x"), "y"], whole: secret({ a: 1 }) };
    const { value, secrets } = fromWire(wire(given));
    expect(value).toEqual({ tags: ["x", "y"], whole: { a: 1 } });
    expect(plain(toWire(value, secrets))).toEqual(given);
  });

  test("a password is marked as secret at any depth, although the program did not mark it", () => {
    const value = { connection: { host: "h", password: "p", proxy: { privateKey: "k" } } };
    expect(plain(toWire(value))).toEqual({
      connection: { host: "h", password: secret("p"), proxy: { privateKey: secret("k") } },
    });
  });

  test("an unknown value stays the placeholder, also as an output value", () => {
    const output = { [signatures.key]: signatures.output, secret: true };
    const { value, secrets } = fromWire(wire({ a: unknownValue, b: output, c: { ...output, value: 1 } }));
    expect(value).toEqual({ a: unknownValue, b: unknownValue, c: 1 });
    expect([...secrets].sort()).toEqual(['["b"]', '["c"]']);
  });

  test("an asset is refused, with its place", () => {
    const asset = { [signatures.key]: "c44067f5952c0a294b673a41bacd8c17", text: "x" };
    expect(() => fromWire(wire({ driver: { package: asset } }))).toThrow(
      "Could not read the property driver.package: it is an asset, an archive or a resource.",
    );
  });

  test("properties without a value are left out", () => {
    expect(plain(toWire({ a: undefined, b: [{ c: undefined, d: 1 }] }))).toEqual({ b: [{ d: 1 }] });
  });
});

test("paths are written as Pulumi does", () => {
  expect(formatPath(["named", "cad-01", "type"])).toBe('named["cad-01"].type');
  expect(formatPath(["gpus", 0, "address"])).toBe("gpus[0].address");
  expect(formatPath(['a"b'])).toBe('["a\\"b"]');
});
