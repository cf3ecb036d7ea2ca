// npx tsx scripts/plugin-schema.ts: writes the package schema of the native plugin, from which Pulumi makes SDKs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pluginSchema } from "./plugin-schema/plugin-schema";

const file = join(__dirname, "..", "provider", "native", "schema.json");
writeFileSync(file, `${JSON.stringify(pluginSchema(), null, 2)}\n`);
