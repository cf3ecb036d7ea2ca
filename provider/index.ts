// Types apart from values: `{ type X, Y }` is not understood by the compiler that Pulumi brings for programs without one of their own.

export { type FleetHostArgs, VgpuFleet, type VgpuFleetArgs } from "./components/vgpu-fleet";
export { type HostGpuArgs, VgpuHost, type VgpuHostArgs } from "./components/vgpu-host";
export type { RolloutArgs } from "./components/waves";
export type { CreatableType, EnabledGpu, ExistingVgpu, FoundGpu, HostIdentity } from "./lifecycle/kinds/outputs";
export type { ConnectionArgs, ProxyConnectionArgs, SudoArgs } from "./resources/connection";
export type { GpuSelectorArgs } from "./resources/gpu-selector";
export { HostResource, type HostResourceArgs } from "./resources/host-resource";
export { MdevVgpu, type MdevVgpuArgs } from "./resources/mdev-vgpu";
export { SriovEnablement, type SriovEnablementArgs } from "./resources/sriov-enablement";
export { type NamedVgpuArgs, VgpuLayout, type VgpuLayoutArgs } from "./resources/vgpu-layout";
export { type PackageOnHost, VgpuManagerInstall, type VgpuManagerInstallArgs } from "./resources/vgpu-manager-install";
