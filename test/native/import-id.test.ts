import { describe, expect, test } from "vitest";
import { importedGpu, parseImportId } from "../../provider/native/import-id";

describe("the id of an import", () => {
  test.each([
    ["gpu01", "host alone", { connection: { host: "gpu01" } }],
    ["ops@gpu01.example:2222", "host alone", { connection: { host: "gpu01.example", user: "ops", port: 2222 } }],
    ["[fe80::1%eth0]:22", "host alone", { connection: { host: "fe80::1%eth0", port: 22 } }],
    ["::1", "host alone", { connection: { host: "::1" } }],
    ["ssh://ops@gpu01:2222", "host alone", { connection: { host: "gpu01", user: "ops", port: 2222 } }],
    ["2001:db8::1/0000:41:00.0", "gpu", { connection: { host: "2001:db8::1" }, object: "0000:41:00.0" }],
    [" ssh://gpu01/41:00.0 ", "gpu", { connection: { host: "gpu01" }, object: "41:00.0" }],
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
    for (const id of ["", "https://gpu01", "a,b"]) expect(() => parseImportId(id, undefined)).toThrow("the form HOST,");
    for (const id of ["gpu01/", "/0000:41:00.0", "ssh://gpu01", "gpu01/x/0000:41:00.0"])
      expect(() => parseImportId(id, "gpu")).toThrow("the form HOST/GPU,");
  });
});

describe("the GPU of an import", () => {
  test.each(["0000:c1:00.0", "c1:00.0", "0000:C1:00.0", "00000000:C1:00.0", "pci_0000_c1_00_0"])(
    "is found by its address as other programs write it: %s",
    (name) => expect(importedGpu(name)).toEqual({ address: "0000:c1:00.0" }),
  );

  test("is found by its UUID", () => {
    expect(importedGpu("GPU-11111111-2222-3333-4444-555555555555")).toHaveProperty("uuid");
  });

  test("that is neither is an error before the host is dialed", () => {
    expect(() => importedGpu("0")).toThrow(
      "Could not import the GPU 0: it is neither a PCI address nor the UUID of a GPU. For example: 0000:41:00.0.",
    );
  });
});
