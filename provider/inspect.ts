// `pulumi-nvidia-vgpu/inspect`. Apart from the resources: these types are zod's, which the compiler that Pulumi brings cannot read.

export { inspectHost } from "./host/inspect";
export type { Connection } from "./model/connection";
export type { HostFacts } from "./model/facts/host-facts";
