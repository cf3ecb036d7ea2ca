import { createHash } from "node:crypto";
import { z } from "zod";

// A malformed URN makes the CLI panic and leave its lock.
const pattern = /^urn:pulumi:(?<stack>[^:\s]+)::(?<project>[^:\s]+)::(?<type>(?:(?!::)\S)+)::(?<name>.+)$/s;

/** Names a resource within its stack: `urn:pulumi:STACK::PROJECT::TYPE::NAME`. */
export const Urn = z.string().regex(pattern, "set by the package itself");

export interface UrnParts {
  stack: string;
  project: string;
  type: string;
  name: string;
}

export const isUrn = (text: unknown): text is string => typeof text === "string" && pattern.test(text);

export const urnParts = (urn: string): UrnParts => ({ ...(pattern.exec(urn)!.groups as unknown as UrnParts) });

export const urnOf = ({ stack, project, type, name }: UrnParts): string =>
  `urn:pulumi:${stack}::${project}::${type}::${name}`;

/** Names the type of a kind of resources in both kinds of providers. */
export const nativeType = (kind: string): string => `nvidia-vgpu:index:${kind}`;
export const dynamicType = (kind: string): string => `pulumi-nodejs:dynamic/nvidia-vgpu:${kind}`;

/** Pulumi types of the components of a fleet. */
export const componentTypes = { fleet: nativeType("VgpuFleet"), host: nativeType("VgpuHost") };

const nativeResource = new RegExp(`${nativeType("")}(?!Vgpu(?:Host|Fleet)\\b)(\\w+)`, "g");

/**
 * Returns the URN by which a resource is known in both kinds of providers: that of the dynamic one. What is derived from it, such as the
 * UUIDs of vGPUs, is then the same.
 */
export function canonicalUrn(urn: string): string {
  const { type, ...rest } = urnParts(urn);
  return urnOf({ ...rest, type: type.replace(nativeResource, (_, kind: string) => dynamicType(kind)) });
}

/** A fleet lists the steps of its hosts in one message, equal ones once. */
export const isInFleet = (urn: string): boolean => urn.includes(`${componentTypes.fleet}$`);

const namespace = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** Returns the UUID of a name (RFC 9562, version 5, namespace of URLs). The same name always has the same one. */
export function uuidOf(name: string): string {
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
