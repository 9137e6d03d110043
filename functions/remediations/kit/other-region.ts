/** For scenarios with a resource that another Region sees. */
import type { ScenarioContext } from '../../contract/scenario.ts';

/** Returns a Region other than the scenario's. */
export const anotherRegion = ({ region }: ScenarioContext<unknown>): string =>
  region === 'eu-central-1' ? 'eu-north-1' : 'eu-central-1';

type Client = { readonly config: { readonly endpoint?: unknown; readonly credentials?: unknown } };

/** Returns a client of the same administrator in another Region. */
export function clientIn<C extends Client>(region: string, client: C): C {
  const { endpoint, credentials } = client.config;
  return new (client.constructor as new (settings: object) => C)({ region, endpoint, credentials });
}
