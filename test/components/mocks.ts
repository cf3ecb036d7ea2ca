import * as pulumi from "@pulumi/pulumi";

export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** What the program registers, in its order. */
export const registered: Registered[] = [];

/** Names of resources that a preview knows as they are. Of all others, outputs are not known yet. */
export const unchanged = new Set<string>();

/** A program as the engine runs it, without an engine. */
export async function program(preview: boolean): Promise<void> {
  registered.length = 0;
  unchanged.clear();
  const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
    registered.push({ type: type.replace(/^.*[:/]/, ""), name, inputs: inputs as Record<string, unknown> });
    const outputs = !preview || unchanged.has(name) ? { appliedAt: "1", pending: [], instances: {} } : {};
    return { id: `${name}-id`, state: { ...(inputs as object), ...outputs } };
  };
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "acme", "prod", preview);
}

export const kinds = (): string[] => registered.map(({ type, name }) => `${type} ${name}`);

export const inputsOf = (kind: string, name: string): Record<string, unknown> =>
  registered.find((one) => one.type === kind && one.name === name)!.inputs;

export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
