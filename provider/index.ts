// Types apart from values: `{ type X, Y }` is not understood by the compiler that Pulumi uses for programs without their own.

export type { FleetHostArgs, HostGpuArgs, VgpuHostArgs } from "./components/host-args";
export type { VgpuFleetArgs } from "./components/vgpu-fleet";
export { VgpuFleet } from "./components/vgpu-fleet";

export { VgpuHost } from "./components/vgpu-host";
export type { RolloutArgs } from "./components/waves";
export type {
  CreatableType,
  EnabledGpu,
  ExistingVgpu,
  FoundGpu,
  GpuDivision,
  GpuInstanceOutput,
  HostIdentity,
  LayoutMig,
  MigGpu,
} from "./lifecycle/kinds/outputs";
export type { ConnectionArgs, ProxyConnectionArgs, SudoArgs } from "./resources/connection";
export type { GpuSelectorArgs } from "./resources/gpu-selector";
export type { HostResourceArgs } from "./resources/host-resource";
export { HostResource } from "./resources/host-resource";
export type { MdevVgpuArgs } from "./resources/mdev-vgpu";
export { MdevVgpu } from "./resources/mdev-vgpu";
export type { MigEnablementArgs } from "./resources/mig-enablement";
export { MigEnablement } from "./resources/mig-enablement";
export type { SriovEnablementArgs } from "./resources/sriov-enablement";
export { SriovEnablement } from "./resources/sriov-enablement";
export type { NamedVgpuArgs, VgpuLayoutArgs } from "./resources/vgpu-layout";
export { VgpuLayout } from "./resources/vgpu-layout";
export type { PackageOnHost, VgpuManagerInstallArgs } from "./resources/vgpu-manager-install";
export { VgpuManagerInstall } from "./resources/vgpu-manager-install";
