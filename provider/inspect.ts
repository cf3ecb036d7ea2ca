// `pulumi-nvidia-vgpu/inspect`. Separate from the resources, because these are zod types, which the compiler in Pulumi cannot parse.

export { inspectHost } from "./host/inspect";
export type { Connection } from "./model/connection";
export type { HostFacts } from "./model/facts/host-facts";
