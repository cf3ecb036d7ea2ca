import { z } from "zod";
import { secretProperties } from "../../provider/model/connection";
import { nameOf } from "./names";

/** A type in a package schema of Pulumi. */
export interface TypeSpec {
  type?: string;
  $ref?: string;
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
  oneOf?: TypeSpec[];
}

export interface PropertySpec extends TypeSpec {
  description?: string;
  default?: unknown;
  secret?: boolean;
}

export interface ObjectSpec {
  type: "object";
  description?: string;
  properties: Record<string, PropertySpec>;
  required: string[];
}

interface EnumSpec {
  type: "string";
  enum: { value: string }[];
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

const definitionOf = (schema: z.core.$ZodType) => (schema as z.core.$ZodTypes)._zod.def;

/**
 * Converts zod schemas into the types of a package. Patterns and limits have no place there, so only the provider checks them. Pulumi has no
 * types without a name: nested ones get that of names.ts, or one by where they are.
 */
export class TypeSpecs {
  readonly types: Record<string, ObjectSpec | EnumSpec> = {};

  private readonly unfinished = new Set<string>();

  constructor(private readonly packageName: string) {}

  object(shape: Shape, hint: string, description?: string): ObjectSpec {
    const entries = Object.entries(shape);
    const properties = entries.map(([key, schema]) => [key, this.property(schema, key, `${hint}${pascal(key)}`)]);
    return {
      type: "object",
      description,
      properties: Object.fromEntries(properties) as ObjectSpec["properties"],
      required: entries.flatMap(([key, schema]) => (isOptional(schema) ? [] : [key])).sort(),
    };
  }

  private property(schema: z.core.$ZodType, key: string, hint: string): PropertySpec {
    const description = descriptionOf(schema);
    const value = defaultOf(schema);
    return {
      ...this.type(schema, hint),
      ...(description && { description }),
      ...(["string", "boolean", "number"].includes(typeof value) && { default: value }),
      ...(secretProperties.has(key) && { secret: true }),
    };
  }

  private type(schema: z.core.$ZodType, hint: string): TypeSpec {
    const known = nameOf(schema);
    const name = known?.name ?? hint;
    const def = definitionOf(schema);
    switch (def.type) {
      case "optional":
      case "default":
        return this.type(def.innerType, name);
      case "pipe":
        return this.type(def.in, name);
      case "array":
        return { type: "array", items: this.type(def.element, name) };
      case "record":
        return { type: "object", additionalProperties: this.type(def.valueType, name) };
      case "union":
        // Pulumi's SDK for Python takes no list where a list is one of several types.
        if (def.options.some(isArray)) return any;
        return { oneOf: def.options.map((option) => this.type(option, `${name}${suffixOf(option)}`)) };
      case "object":
        return this.named(name, () => this.object(def.shape, name, known?.description ?? descriptionOf(schema)));
      case "enum":
        return this.named(name, () => ({
          type: "string",
          enum: Object.values(def.entries).map((value) => ({ value: String(value) })),
        }));
      case "literal":
        return { type: typeof def.values[0] };
      case "number":
        return { type: isInteger(schema) ? "integer" : "number" };
      case "string":
      case "boolean":
        return { type: def.type };
      default:
        throw new Error(`${name}: a package schema has no type for ${def.type}`);
    }
  }

  private named(name: string, specify: () => ObjectSpec | EnumSpec): TypeSpec {
    const token = `${this.packageName}:index:${name}`;
    // The YAML host compares the types of an input and an output without an end if they contain themselves.
    if (this.unfinished.has(token)) return any;
    if (!(token in this.types)) {
      this.unfinished.add(token);
      this.types[token] = specify();
      this.unfinished.delete(token);
    }
    return { $ref: `#/types/${token}` };
  }
}

const any: TypeSpec = { $ref: "pulumi.json#/Any" };

const isArray = (schema: z.core.$ZodType): boolean => definitionOf(schema).type === "array";

const pascal = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Distinguishes the objects of a union: by the first property. */
function suffixOf(option: z.core.$ZodType): string {
  const def = definitionOf(option);
  return def.type === "object" ? pascal(Object.keys(def.shape)[0]!) : "";
}

const isInteger = (schema: z.core.$ZodType): boolean => z.toJSONSchema(schema).type === "integer";

const isOptional = (schema: z.core.$ZodType): boolean => schema._zod.optin !== undefined;

function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const { description } = schema as z.ZodType;
  const def = definitionOf(schema);
  return description ?? ("innerType" in def ? descriptionOf(def.innerType) : undefined);
}

function defaultOf(schema: z.core.$ZodType): unknown {
  const def = definitionOf(schema);
  return def.type === "default" ? def.defaultValue : undefined;
}
