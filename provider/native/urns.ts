import { urnOf, urnParts } from "../lifecycle/engine/urn";
import { kinds } from "../lifecycle/kinds";

/** Names the types of a package in both kinds of providers. */
export const nativeType = (kind: string): string => `nvidia-vgpu:index:${kind}`;
export const dynamicType = (kind: string): string => `pulumi-nodejs:dynamic/nvidia-vgpu:${kind}`;

const dynamicTypes = new Map(kinds.map(({ name }) => [nativeType(name), dynamicType(name)]));

/**
 * The URNs by which the core knows resources: those of the dynamic resource of the same name. What is derived from them, such as the
 * UUIDs of vGPUs, is then the same in both kinds of providers.
 */
export class Urns {
  private readonly given = new Map<string, string>();

  /** Returns the URN for the core. */
  toCore(urn: string): string {
    const { type, ...rest } = urnParts(urn);
    const types = type.split("$").map((one) => dynamicTypes.get(one) ?? one);
    const known = urnOf({ ...rest, type: types.join("$") });
    this.given.set(known, urn);
    return known;
  }

  /** Returns the URN that the engine gave. */
  toEngine = (urn: string): string => this.given.get(urn) ?? urn;
}
