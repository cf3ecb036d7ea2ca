import { describe, expect, test } from "vitest";
import { pciAddress } from "../../../provider/model/pci-address";
import { gpus } from "../../../provider/probe/facts/gpus";
import { gpuReports } from "../../../provider/probe/facts/nvidia-smi";
import { refusals } from "../../../provider/probe/facts/refusals";
import { currentVendorType, typeId, vendorCreatable, vendorTypes } from "../../../provider/probe/facts/vgpu-types";
import { byRoot, captureOf } from "../capture-of";

const address = pciAddress("0000:41:00.4");

describe("nvidia-smi -q", () => {
  test("is parsed by indentation and colon, in any column", () => {
    const reports = gpuReports([
      "Driver Version                            : 525.147.01",
      "GPU 00000001:C8:00.0",
      "    Product Name                          : NVIDIA A40",
      "    MIG Mode",
      "        Current                           : Disabled",
      "    Ecc Mode",
      "        Current                           : Enabled",
      "    GPU UUID : GPU-1",
      "    VM Name : ",
      "GPU 00000001:C9:00.0",
      "    Product Name                                       : NVIDIA L40S: the second",
    ]);
    expect(Object.fromEntries(reports.get("0001:c8:00.0")!)).toEqual({
      "Product Name": "NVIDIA A40",
      "MIG Mode/Current": "Disabled",
      "Ecc Mode/Current": "Enabled",
      "GPU UUID": "GPU-1",
      "VM Name": "",
    });
    expect(reports.get("0001:c9:00.0")?.get("Product Name")).toBe("NVIDIA L40S: the second");
  });

  test.each([
    [["No devices were found"]],
    [["NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."]],
    [[]],
  ])("the output %j has no GPU", (lines) => {
    expect(gpuReports(lines).size).toBe(0);
  });
});

describe("a VF's creatable_vgpu_types", () => {
  const listing = (...lines: string[]) =>
    captureOf({ files: { [`/sys/bus/pci/devices/${address}/nvidia/creatable_vgpu_types`]: lines } });

  test("is parsed with the id first, below a header", () => {
    const capture = listing(
      "ID    : vGPU Name",
      "1145  : NVIDIA L40S-1B",
      "1519  : NVIDIA RTX Pro 6000 Blackwell DC-3Q",
    );
    expect(vendorCreatable(capture, address)).toEqual({ 1145: 1, 1519: 1 });
    expect(vendorTypes(capture, address)).toMatchObject([
      { id: 1145, name: "NVIDIA L40S-1B", framebufferMiB: 1024 },
      { id: 1519, name: "NVIDIA RTX Pro 6000 Blackwell DC-3Q", series: "Q" },
    ]);
  });
  test("is parsed with the name first, as in NVIDIA's guide", () => {
    expect(vendorTypes(listing("NVIDIA A40-1Q 557", "NVIDIA A40-2Q         558"), address)).toMatchObject([
      { id: 557, name: "NVIDIA A40-1Q" },
      { id: 558, name: "NVIDIA A40-2Q" },
    ]);
  });
  test.each([[[]], [["ID    : vGPU Name"]], [[""]]])("with the content %j offers no types", (lines) => {
    expect(vendorCreatable(listing(...lines), address)).toEqual({});
  });
});

test.each([
  ["0", null],
  ["560", 560],
  [undefined, null],
])("current_vgpu_type %j is parsed", (value, type) => {
  const files = value ? { [`/sys/bus/pci/devices/${address}/nvidia/current_vgpu_type`]: [value] } : {};
  expect(currentVendorType(captureOf({ files }), address)).toBe(type);
});

describe("a full GPU with vendor VFIO lists nothing", () => {
  const full = (type: string) =>
    gpus(
      captureOf({
        files: {
          "/sys/bus/pci/devices/0000:41:00.0/vendor": ["0x10de"],
          [`/sys/bus/pci/devices/${address}/nvidia/current_vgpu_type`]: [type],
          [`/sys/bus/pci/devices/${address}/nvidia/creatable_vgpu_types`]: ["ID    : vGPU Name"],
        },
        links: { "/sys/bus/pci/devices/0000:41:00.0/virtfn0": `../${address}` },
      }),
    )[0]?.types;
  test("and the names of set types come from the catalogue", () => {
    expect(full("1155")).toEqual([
      { id: 1155, name: "NVIDIA L40S-24Q", framebufferMiB: 24576, series: "Q", maxInstances: 2 },
    ]);
  });
  test("and types that the catalogue does not have are without a name", () => {
    expect(full("99999")).toEqual([{ id: 99999, name: null, framebufferMiB: null, series: null, maxInstances: null }]);
  });
});

test("the id of a type is parsed from its directory, bound to the driver or not", () => {
  expect([typeId("nvidia-558"), typeId("pci-558")]).toEqual([558, 558]);
});

describe("nvidia-vgpud's refusal", () => {
  const line = "GPU not supported by vGPU at PCI Id: 1:82:1f:0 DevID: 0x10de / 0x1b39 / 0x10de / 0x1217";
  const service = (exitStatus: number) => [
    "Id=nvidia-vgpud.service",
    "LoadState=loaded",
    "ActiveState=inactive",
    `ExecMainStatus=${exitStatus}`,
  ];
  const refused = (parts: { journal: string[]; exitStatus: number; root?: boolean }) =>
    refusals(
      captureOf({
        files: parts.root === false ? {} : byRoot,
        services: service(parts.exitStatus),
        "vgpud-journal": parts.journal,
      }),
    )(pciAddress("0001:82:1f.0"));

  test("is reported in its own words", () => {
    expect(refused({ journal: ["vGPU types: 613", line], exitStatus: 6 })).toBe(line);
  });
  test("ends if a later run does not repeat it", () => {
    expect(refused({ journal: ["vGPU types: 613", line, "vGPU types: 700"], exitStatus: 0 })).toBeNull();
  });
  test("is null on a healthy host", () => {
    expect(refused({ journal: ["vGPU types: 613"], exitStatus: 0 })).toBeNull();
  });
  test("is unknown if the daemon failed and the journal is empty, or not readable", () => {
    expect(refused({ journal: [], exitStatus: 6 })).toHaveProperty("unknown");
    expect(refused({ journal: [], exitStatus: 0, root: false })).toEqual({
      unknown: "nvidia-vgpud's journal is not readable",
    });
  });
});
