import type * as pulumi from "@pulumi/pulumi";

/**
 * Selects a GPU by its PCI address, alone or in an object; by its UUID; by its model, with an index if there are several; or by
 * its slot. A selector that fits several GPUs is an error that lists them.
 *
 * @example "0000:41:00.0"
 * @example { model: "A40", index: 0 }
 */
export type GpuSelectorArgs =
  | string
  | { address: pulumi.Input<string> }
  | { uuid: pulumi.Input<string> }
  | { model: pulumi.Input<string>; index?: pulumi.Input<number> }
  | { slot: pulumi.Input<string> };
