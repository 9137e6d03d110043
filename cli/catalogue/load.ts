/** Loads every remediation with its SDK clients: import it only when a command runs. */
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import { type CatalogueEntry, catalogueEntries } from './catalogue.ts';
import { readReadmes } from './readme.ts';

export const loadCatalogue = async (): Promise<CatalogueEntry[]> =>
  catalogueEntries(REMEDIATIONS, SCENARIOS, await readReadmes(REMEDIATIONS.map(({ id }) => id)));
