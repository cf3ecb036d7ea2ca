import type { Gpu, Sriov } from "../../model/facts/gpu";
import type { PciAddress } from "../../model/pci-address";
import { busOf, pciAddress } from "../../model/pci-address";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { creatablePlaces } from "./creatable-places";
import type { BareFunction } from "./functions";
import { functionsOf, iommuGroup, mergeTypes } from "./functions";
import { migTables } from "./mig";
import type { GpuReport } from "./nvidia-smi";
import { gpuReports } from "./nvidia-smi";
import { refusals } from "./refusals";
import { currentType, mdevTypes, pciDevices, vendorTypes } from "./vgpu-types";

export type BareGpu = Omit<Gpu, "functions"> & { functions: BareFunction[] };

/** Returns physical GPUs by address; VFs have a link `physfn`. */
export function gpus(capture: Capture): BareGpu[] {
  const reports = gpuReports(capture.section("nvidia-smi"));
  // nvidia-smi numbers the GPUs in the order in which -q reports them.
  const indices = [...reports.keys()];
  const isRefused = refusals(capture);
  return capture
    .list(pciDevices)
    .filter(
      (name) =>
        capture.value(`${pciDevices}/${name}/vendor`) === "0x10de" && !capture.exists(`${pciDevices}/${name}/physfn`),
    )
    .map((name) => pciAddress(name))
    .sort()
    .map((address) => gpu(capture, address, reports.get(address), indices.indexOf(address), isRefused(address)));
}

function gpu(
  capture: Capture,
  address: PciAddress,
  report: GpuReport | undefined,
  index: number,
  refused: BareGpu["refused"],
): BareGpu {
  const attribute = (name: string) => capture.value(`${pciDevices}/${address}/${name}`);
  const information = driverInformation(capture, address);
  const functions = functionsOf(capture, address);
  const deviceId = hex(attribute("device"));
  const numa = Number(attribute("numa_node") ?? -1);
  return {
    address,
    deviceId,
    subsystemId: hex(attribute("subsystem_device")),
    model: information.Model ?? reported(report, "Product Name") ?? nameOfId(capture, deviceId),
    uuid: information["GPU UUID"] ?? reported(report, "GPU UUID"),
    serial: reported(report, "Serial Number"),
    driver: capture.linkName(`${pciDevices}/${address}/driver`),
    driverOverride: attribute("driver_override") === "(null)" ? null : attribute("driver_override"),
    bootDisplay: attribute("boot_vga") === "1",
    numaNode: numa < 0 ? null : numa,
    slot: slot(capture, address),
    deviceNode: information["Device Minor"] ? `/dev/nvidia${information["Device Minor"]}` : null,
    iommuGroup: iommuGroup(capture, `${pciDevices}/${address}`),
    framebufferMiB: framebuffer(report),
    sriov: sriov(attribute),
    hostVgpuMode: hostVgpuMode(report),
    mig: mig(capture, address, report, index),
    mixedSizes: mixedSizes(report),
    creatablePlaces: mixedSizes(report) === "on" ? creatablePlaces(capture, address) : null,
    refused,
    framework: functions.find(({ framework }) => framework)?.framework ?? null,
    types: offeredTypes(capture, functions),
    functions,
  };
}

/** Merges all types; those that the host lists replace those that are only known because they are set. */
function offeredTypes(capture: Capture, functions: BareFunction[]): Gpu["types"] {
  const from = (types: typeof mdevTypes) => functions.flatMap(({ address }) => types(capture, address));
  return mergeTypes([...from(currentType), ...from(mdevTypes), ...from(vendorTypes)]);
}

const hex = (value: string | null) => (value ?? "").replace(/^0x/, "");

/** Returns a field of nvidia-smi; null for `N/A` and the like. */
const reported = (report: GpuReport | undefined, field: string) =>
  report?.get(field)?.replace(/^\[?N\/A\]?$/, "") || null;

/** Parses lines of `Model: <tab> NVIDIA A40`, which exist while the driver is bound, even without nvidia-smi. */
function driverInformation(capture: Capture, address: PciAddress): Record<string, string> {
  const lines = capture.read(`/proc/driver/nvidia/gpus/${address}/information`);
  return Object.fromEntries(
    lines
      .map((line) => /^([^:]+):\s*(.*?)\s*$/.exec(line))
      .flatMap((match) => (match?.[2] ? [[match[1]!, match[2]]] : [])),
  );
}

/** Returns the product of a line such as `GA102GL [A40]` of the PCI id list: chip and, in brackets, product. */
function nameOfId(capture: Capture, deviceId: string): string | null {
  const line = capture
    .section("pci-ids")
    .map((row) => row.trim())
    .find((row) => row.startsWith(`${deviceId} `));
  return line ? (/\[(.+?)( \/ .*)?\]/.exec(line)?.[1] ?? line.slice(deviceId.length).trim()) : null;
}

function slot(capture: Capture, address: PciAddress): string | null {
  const slots = "/sys/bus/pci/slots";
  const at = (name: string) => capture.value(`${slots}/${name}/address`) ?? "";
  return capture.list(slots).find((name) => at(name).startsWith(`${busOf(address)}:`)) ?? null;
}

function framebuffer(report: GpuReport | undefined): number | null {
  const mebibytes = /^(\d+) MiB$/.exec(report?.get("FB Memory Usage/Total") ?? "")?.[1];
  return mebibytes === undefined ? null : Number(mebibytes);
}

function sriov(attribute: (name: string) => string | null): Sriov | null {
  const total = Number(attribute("sriov_totalvfs") ?? 0);
  if (!total) return null;
  const number = (name: string) => Number(attribute(name) ?? 0);
  return { total, enabled: number("sriov_numvfs"), offset: number("sriov_offset"), stride: number("sriov_stride") };
}

const notReported = unknown("nvidia-smi did not report this GPU");

function hostVgpuMode(report: GpuReport | undefined): Gpu["hostVgpuMode"] {
  if (!report) return notReported;
  const mode = report.get("GPU Virtualization Mode/Host VGPU Mode");
  return mode === "SR-IOV" ? "sr-iov" : mode === "Non SR-IOV" ? "non-sr-iov" : null;
}

/** Compares whole values: `Not Supported` contains `Supported` (B92). The capability counts, not the generation of the GPU (B155). */
function mixedSizes(report: GpuReport | undefined): Gpu["mixedSizes"] {
  if (report?.get("vGPU Device Capability/Heterogeneous Time-Slice Sizes") !== "Supported") return null;
  const mode = report.get("GPU Virtualization Mode/vGPU Heterogeneous Mode");
  return mode === "Enabled" ? "on" : mode === "Disabled" ? "off" : null;
}

function mig(capture: Capture, address: PciAddress, report: GpuReport | undefined, index: number): Gpu["mig"] {
  if (!report) return notReported;
  const [current, pending] = ["Current", "Pending"].map((when) => reported(report, `MIG Mode/${when}`));
  if (!current) return null;
  return { current: current === "Enabled", pending: pending === "Enabled", ...migTables(capture, index, address) };
}
