/** Puts the lists of the contract tests into docs/proof.md: `node engine/run.mjs node test/contract/write-proof.ts`. */
import { readFile, writeFile } from "node:fs/promises";
import { proofFile, withSections } from "./proof.ts";

await writeFile(proofFile, withSections(await readFile(proofFile, "utf8")));
