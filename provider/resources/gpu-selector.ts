import type * as pulumi from "@pulumi/pulumi";

/**
 * How a GPU is pointed at: by its PCI address, alone or in an object; by its UUID; by its model, with an index where there are
 * several; or by the slot it sits in. One that fits several GPUs is an error that names them.
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
