/** Writes `docs/config.schema.json`, which editors check stack files with: `npm run schema`. */
import { writeFileSync } from "node:fs";
import { stackFileSchema } from "../model/config/schema.ts";

writeFileSync(new URL("config.schema.json", import.meta.url), `${JSON.stringify(stackFileSchema(), null, 2)}\n`);
