import { z } from "zod";
import { FleetFile } from "../provider/fleet/schema/file";

/** The fleet file's schema for editors, in the draft that their YAML servers understand. */
export const jsonSchema = (): object =>
  z.toJSONSchema(FleetFile, {
    io: "input",
    target: "draft-07",
    override({ jsonSchema: schema }) {
      if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
      // Keys of the user's own: see provider/fleet/validate/prepare.ts.
      if (schema.additionalProperties === false) schema.patternProperties = { "^x-": {} };
    },
  });
