/** The catalogue of this repository. Loads every remediation with its SDK clients: import it only where it is needed. */

import { remediations } from '../../functions/remediations/registry.generated.ts';
import { cases } from '../../functions/remediations/scenarios.generated.ts';
import { catalogue, type Entry } from './catalogue.ts';
import { readReadmes } from './readme.ts';

export const loadCatalogue = async (): Promise<Entry[]> =>
  catalogue(remediations, cases, await readReadmes(remediations.map(({ id }) => id)));
