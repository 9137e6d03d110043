/** Suture's own remediations as the folders have them, without loading their code. */
import { globSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import type { Remediation } from '../functions/contract/remediation.ts';
import { suggestion } from '../functions/domain/nearest.ts';

const FOLDER = fileURLToPath(new URL('../functions/remediations/', import.meta.url));

/** A folder below `functions/remediations/<service>/` with an `index.ts` is a remediation: `ec2/close-admin-ports`. */
export const remediationIds = (): Remediation['id'][] =>
  globSync('*/*/index.ts', { cwd: FOLDER })
    .map((path) => dirname(path.replaceAll('\\', '/')) as Remediation['id'])
    .sort(byFolders);

/** Compares ids in Biome's order of imports: `a/b` comes before `a-b/c`. */
export const byFolders = (a: string, b: string): number => (a.replaceAll('/', '\0') < b.replaceAll('/', '\0') ? -1 : 1);

const MAX_NEAREST = 5;

/** Returns the ids that contain the name or a part of it, or differ from it by a typing mistake. */
export function nearestIds(name: string, ids: readonly string[]): string[] {
  const [thing = '', service] = name.split('/').toReversed();
  const ofService = ids.filter((id) => service === undefined || id.startsWith(`${service}/`));
  const likely = (part: string, among: readonly string[]) => {
    const things = new Map(among.map((id) => [id, id.slice(id.indexOf('/') + 1)]));
    const isNear = (each: string) => each.includes(part.toLowerCase()) || suggestion(part, [each]) !== '';
    return part === '' ? [] : among.filter((id) => isNear(things.get(id)!));
  };
  const near = [...likely(thing, ofService), ...likely(thing, ids), ...ids.filter((id) => suggestion(name, [id]))];
  const fallback = service === undefined ? ids.filter((id) => id.startsWith(`${thing}/`)) : ofService;
  return [...new Set(near.length > 0 ? near : fallback)].slice(0, MAX_NEAREST);
}
