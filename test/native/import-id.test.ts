import { describe, expect, test } from "vitest";
import { parseImportId } from "../../provider/native/import-id";

describe("the id of an import", () => {
  test.each([
    ["gpu01", "host alone", { connection: { host: "gpu01" } }],
    ["ops@gpu01.example:2222", "host alone", { connection: { host: "gpu01.example", user: "ops", port: 2222 } }],
    ["[fe80::1%eth0]:22", "host alone", { connection: { host: "[fe80::1%eth0]", port: 22 } }],
    ["gpu01/0000:41:00.0", "gpu", { connection: { host: "gpu01" }, object: "0000:41:00.0" }],
    ["root@10.0.0.1:22/GPU-1", "gpu", { connection: { host: "10.0.0.1", user: "root", port: 22 }, object: "GPU-1" }],
    ["gpu01/11111111-2222-4333-8444-555555555501", "uuid", { object: "11111111-2222-4333-8444-555555555501" }],
  ] as const)("%s is parsed for a kind that is imported by %s", (id, object, expected) => {
    expect(parseImportId(id, object === "host alone" ? undefined : object)).toMatchObject(expected);
  });

  test("an id without the object, or with one too many, is an error that gives the form", () => {
    expect(() => parseImportId("gpu01", "gpu")).toThrow(
      "Could not import gpu01: the id of this kind has the form HOST/GPU, where HOST may be USER@HOST:PORT. For example: gpu01.example/0000:41:00.0.",
    );
    expect(() => parseImportId("gpu01/x", undefined)).toThrow("the form HOST,");
    expect(() => parseImportId("", undefined)).toThrow("the form HOST,");
  });
});
