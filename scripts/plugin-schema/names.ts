import type { z } from "zod";
import * as outputs from "../../provider/lifecycle/kinds/output-schemas";
import { connection, proxyConnection } from "../../provider/model/connection";
import { RebootPolicy } from "../../provider/model/desired/reboot-policy";
import { NamedVgpu } from "../../provider/model/desired/vgpu";
import { GpuSelector } from "../../provider/model/gpu-selector";
import { HostReference } from "../../provider/native/on";

interface Name {
  name: string;
  description?: string;
}

const names = new Map<z.core.$ZodType, Name>([
  [connection, { name: "Connection", description: "How to reach and log in to a host." }],
  [proxyConnection, { name: "ProxyConnection", description: "How to reach and log in to a jump host." }],
  [HostReference, { name: "HostReference", description: "The host of a resource, and its last change there." }],
  [GpuSelector, { name: "GpuSelector" }],
  [RebootPolicy, { name: "Reboot" }],
  [NamedVgpu, { name: "NamedVgpu", description: "A vGPU with an identity of its own." }],
  ...Object.entries(outputs).flatMap(([name, schema]): [z.core.$ZodType, Name][] =>
    "_zod" in schema ? [[schema, { name }]] : [],
  ),
]);

/** Returns the name of a schema, also of a copy of it with another description. */
export function nameOf(schema: z.core.$ZodType): Name | undefined {
  const { parent } = schema._zod;
  return names.get(schema) ?? (parent && nameOf(parent));
}
