import { z } from "zod";

// The CLI panics over a malformed one, and leaves its lock behind.
const written = /^urn:pulumi:(?<stack>[^:\s]+)::(?<project>[^:\s]+)::(?<type>(?:(?!::)\S)+)::(?<name>.+)$/s;

/** Names a resource within its stack: `urn:pulumi:STACK::PROJECT::TYPE::NAME`. */
export const Urn = z.string().regex(written, "the program gives the resource's URN itself");

export interface UrnParts {
  stack: string;
  project: string;
  type: string;
  name: string;
}

export const isUrn = (text: unknown): text is string => typeof text === "string" && written.test(text);

export const urnParts = (urn: string): UrnParts => ({ ...(written.exec(urn)!.groups as unknown as UrnParts) });

export const urnOf = ({ stack, project, type, name }: UrnParts): string => `urn:pulumi:${stack}::${project}::${type}::${name}`;
