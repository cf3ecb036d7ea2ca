// npx tsx scripts/fleet-schema.ts: writes fleet.schema.json, which editors check fleet files against.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchema } from "./json-schema";

writeFileSync(join(__dirname, "..", "fleet.schema.json"), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
