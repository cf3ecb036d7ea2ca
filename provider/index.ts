export type { ConnectionArgs, ProxyConnectionArgs, SudoArgs } from "./resources/connection";
export type { GpuSelectorArgs } from "./resources/gpu-selector";
export { type HostArgs, HostResource } from "./resources/host-resource";
export { MdevVgpu, type MdevVgpuArgs } from "./resources/mdev-vgpu";
export { SriovEnablement, type SriovEnablementArgs } from "./resources/sriov-enablement";
export { type NamedVgpuArgs, VgpuLayout, type VgpuLayoutArgs } from "./resources/vgpu-layout";
export { type PackageOnHost, VgpuManagerInstall, type VgpuManagerInstallArgs } from "./resources/vgpu-manager-install";
export type { CreatableType, EnabledGpu, ExistingVgpu, FoundGpu, HostIdentity } from "./lifecycle/kinds/shown";
