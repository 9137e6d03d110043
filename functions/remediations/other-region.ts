/** For cases about what reaches over Regions: made in one, met in another. */
import type { ScenarioContext } from '../contract/scenario.ts';

/** A Region that is not the case's own. */
export const anotherRegion = ({ region }: ScenarioContext<unknown>): string =>
  region === 'eu-central-1' ? 'eu-north-1' : 'eu-central-1';

type Client = { readonly config: { readonly endpoint?: unknown; readonly credentials?: unknown } };

/** The same administrator's client in another Region. */
export function clientIn<C extends Client>(region: string, client: C): C {
  const { endpoint, credentials } = client.config;
  return new (client.constructor as new (settings: object) => C)({ region, endpoint, credentials });
}
