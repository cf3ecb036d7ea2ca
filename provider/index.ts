// Types apart from values: `{ type X, Y }` is not understood by the compiler that Pulumi brings for programs without one of their own.
export type { ConnectionArgs, ProxyConnectionArgs, SudoArgs } from "./resources/connection";
export type { GpuSelectorArgs } from "./resources/gpu-selector";
export { type HostResourceArgs, HostResource } from "./resources/host-resource";
export { type MdevVgpuArgs, MdevVgpu } from "./resources/mdev-vgpu";
export { type SriovEnablementArgs, SriovEnablement } from "./resources/sriov-enablement";
export { type NamedVgpuArgs, type VgpuLayoutArgs, VgpuLayout } from "./resources/vgpu-layout";
export { type PackageOnHost, type VgpuManagerInstallArgs, VgpuManagerInstall } from "./resources/vgpu-manager-install";
export type { CreatableType, EnabledGpu, ExistingVgpu, FoundGpu, HostIdentity } from "./lifecycle/kinds/outputs";
export { type FleetHostArgs, type VgpuFleetArgs, VgpuFleet } from "./components/vgpu-fleet";
export { type HostGpuArgs, type VgpuHostArgs, VgpuHost } from "./components/vgpu-host";
export type { RolloutArgs } from "./components/waves";
