/** Loads every remediation with its SDK clients: import it only when a command runs. */
import { stackTypes } from '../../functions/domain/stack-identity.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import { type CatalogueEntry, catalogueEntries } from './catalogue.ts';
import { readReadmes } from './readme.ts';

export async function loadCatalogue(): Promise<CatalogueEntry[]> {
  const entries = catalogueEntries(REMEDIATIONS, SCENARIOS, await readReadmes(REMEDIATIONS.map(({ id }) => id)));
  const types = new Map<string, readonly string[]>(REMEDIATIONS.map((each) => [each.id, stackTypes(each)]));
  return entries.map((entry) => ({ ...entry, stackTypes: types.get(entry.remediation) ?? [] }));
}
