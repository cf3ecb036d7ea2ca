import { z } from "zod";
import { dynamicType, nativeType } from "../../provider/lifecycle/engine/urn";
import { Common } from "../../provider/lifecycle/inputs";
import { kinds } from "../../provider/lifecycle/kinds";
import { CommonOutputs } from "../../provider/lifecycle/kinds/output-schemas";
import type { ResourceKind } from "../../provider/lifecycle/resource-kind";
import { Configuration } from "../../provider/native/configuration";
import { HostReference } from "../../provider/native/on";
import { version } from "../../provider/native/provider-calls";
import { classComments } from "./class-comments";
import { components } from "./components";
import { TypeSpecs } from "./type-specs";

const packageName = "nvidia-vgpu";

/** What each resource takes in addition to the arguments of its kind. */
const commonInputs = {
  connection: Common.shape.connection.optional().describe("How to reach the host. Default: that of `on`."),
  on: HostReference.optional().describe(
    "The output `host` of the resource that this one depends on. It gives the connection and the order: when that is applied again, so is this.",
  ),
  maintenance: z
    .string()
    .optional()
    .describe("Reason for maintenance. While set, the host is neither read nor changed."),
};

const commonOutputs = {
  ...CommonOutputs.shape,
  host: HostReference.describe("The host of this resource, for `on` of those that depend on it."),
};

/** Returns the package schema of Pulumi, from which it makes SDKs in each language. */
export function pluginSchema(): object {
  const specs = new TypeSpecs(packageName);
  const comments = classComments();
  const variables = specs.object(Configuration.shape, "Config").properties;
  const resources = kinds.map((kind): [string, object] => [
    nativeType(kind.name),
    resourceSpec(specs, kind, comments.get(kind.name)),
  ]);
  for (const [name, { inputs, outputs }] of Object.entries(components))
    resources.push([nativeType(name), componentSpec(specs, name, { inputs, outputs }, comments.get(name))]);
  return {
    name: packageName,
    displayName: "NVIDIA vGPU",
    version,
    description: "Takes KVM hosts over SSH from bare Linux to running NVIDIA vGPUs, and keeps them there",
    license: "Apache-2.0",
    config: { variables },
    provider: { description: "Defaults of connections, and how previews behave.", inputProperties: variables },
    types: specs.types,
    resources: Object.fromEntries(resources),
    language: {
      nodejs: { respectSchemaVersion: true },
      python: { respectSchemaVersion: true, pyproject: { enabled: true } },
      go: { respectSchemaVersion: true, importBasePath: "pulumi-nvidia-vgpu/sdk/go/nvidiavgpu" },
      csharp: { respectSchemaVersion: true },
    },
  };
}

type Parts = Record<"inputs" | "outputs", Record<string, z.ZodType>>;

function componentSpec(specs: TypeSpecs, name: string, { inputs, outputs }: Parts, description?: string): object {
  const given = specs.object(inputs, name);
  const made = specs.object(outputs, name);
  return {
    isComponent: true,
    description,
    inputProperties: given.properties,
    requiredInputs: given.required,
    properties: made.properties,
    required: made.required,
  };
}

function resourceSpec(specs: TypeSpecs, { name, schema, outputs }: ResourceKind<object>, description?: string): object {
  const inputs = specs.object({ ...schema.shape, ...commonInputs }, name);
  const made = specs.object({ ...outputs.shape, ...commonOutputs }, name);
  const { on: _, ...kept } = inputs.properties;
  return {
    description,
    inputProperties: inputs.properties,
    requiredInputs: inputs.required,
    properties: { ...kept, ...made.properties },
    required: [...new Set([...inputs.required, ...made.required])].sort(),
    // Each SDK registers it with this alias, so that a state of the dynamic resource is taken over.
    aliases: [{ type: dynamicType(name) }],
  };
}
