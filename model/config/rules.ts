/** Every rule that joins several settings. Each is a named function that returns every breach it finds. */
import type { CrossFieldRule } from "./config.ts";
import { networkRules } from "./network-rules.ts";
import { requestRules } from "./request-rules.ts";
import { serviceRules } from "./service-rules.ts";

export const crossFieldRules: readonly CrossFieldRule[] = [...serviceRules, ...networkRules, ...requestRules];
