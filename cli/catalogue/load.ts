/** The catalogue of this repository. Loads every remediation with its SDK clients: import it only where it is needed. */

import { remediations } from '../../functions/remediations/registry.generated.ts';
import { scenarios } from '../../functions/remediations/scenarios.generated.ts';
import { type CatalogueEntry, catalogue } from './catalogue.ts';
import { readReadmes } from './readme.ts';

export const loadCatalogue = async (): Promise<CatalogueEntry[]> =>
  catalogue(remediations, scenarios, await readReadmes(remediations.map(({ id }) => id)));
