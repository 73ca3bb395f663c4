/** Installs every tool that takes long, so that `.ci/run` has it done before tests ask for it. */
import { goTools, installGoTools, installZizmor } from "./tools.ts";

await Promise.all([installGoTools(...goTools), installZizmor()]);
