import type * as pulumi from "@pulumi/pulumi";
import type { HostResource } from "../resources/host-resource";
import type { VgpuLayout } from "../resources/vgpu-layout";
import type { VgpuHostArgs } from "./host-args";

/** A host as the program declares it, and what its component registered. */
export interface DeclaredHost {
  args: VgpuHostArgs;
  host: Pick<pulumi.Resource, "urn"> & {
    readonly parts: readonly HostResource[];
    readonly layouts: Readonly<Record<string, VgpuLayout>>;
  };
  /** Of a fleet: what it waits for, because an earlier wave is not proved. */
  waitsFor?: Promise<string | undefined>;
}
