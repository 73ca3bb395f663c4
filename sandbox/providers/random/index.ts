import type { Provider } from "../server.ts";
import { randomPassword } from "./password.ts";

/** The provider `random`, as far as Sluice uses it. */
export function randomProvider(version: string): Provider {
  return {
    name: "random",
    version,
    types: { "random:index/randomPassword:RandomPassword": randomPassword },
    invokes: {},
    configure: () => ({ config: { region: "", defaultTags: {}, settings: {} }, problems: [] }),
  };
}
