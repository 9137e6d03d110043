/**
 * The boundaries of the member roles as somebody acknowledged them, in `boundary.json`. A boundary follows from the
 * registry: an update of Suture, or a package, may let the roles do more in every account. Synthesis refuses that until
 * the file says so, where a review sees it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Remediation } from '../functions/contract/remediation.ts';
import { memberRoleDesigns } from '../functions/domain/member-roles.ts';
import { DEFAULT_PREFIX } from '../functions/domain/names.ts';
import type { PolicyDocument } from '../functions/domain/permissions.ts';
import type { SutureContext } from './context.ts';
import { memberInstallation } from './member-role.ts';

export const BOUNDARY_FILE = fileURLToPath(new URL('../boundary.json', import.meta.url));
const COMMAND = 'npm run acknowledge-boundary';

/** The most that each role may do, by its name: actions, sorted, each with the sessions that it is limited to. */
export const Boundaries = z.record(z.string(), z.array(z.string()));
export type Boundaries = z.infer<typeof Boundaries>;

/**
 * Returns the boundaries by the names of the roles with the default prefix: installations with other ones share the
 * file.
 */
export const boundariesOf = (context: SutureContext, remediations: readonly Remediation[]): Boundaries =>
  Object.fromEntries(
    memberRoleDesigns(memberInstallation({ ...context, prefix: DEFAULT_PREFIX }), remediations).map(
      ({ name, boundary }) => [name, allowedIn(boundary.policy)] as const,
    ),
  );

function allowedIn({ Statement }: PolicyDocument): string[] {
  const allowing = Statement.filter(({ Effect }) => Effect === 'Allow');
  return allowing
    .flatMap(({ Action, Condition = {} }) => {
      const limits = Object.values(Condition).flatMap((keys) => Object.entries(keys));
      const sessions = limits.map(([key, value]) => `${key.replace('aws:PrincipalTag/', '')}=${value}`).join(', ');
      return [Action].flat().map((action) => (sessions === '' ? action : action + IN_SESSIONS + sessions));
    })
    .sort();
}

/** Returns what `current` allows beyond `acknowledged`, by role; roles without any are left out. */
export function growthOf(current: Boundaries, acknowledged: Boundaries): Boundaries {
  const grown = Object.entries(current).map(([role, allowed]) => {
    const known = (acknowledged[role] ?? []).map(covers);
    return [role, allowed.filter((each) => !known.some((isCovered) => isCovered(each)))] as const;
  });
  return Object.fromEntries(grown.filter(([, added]) => added.length > 0));
}

/** Returns a test for coverage: `ec2:*` covers `ec2:Describe*`, and an action of every session covers that of some. */
function covers(known: string): (allowed: string) => boolean {
  const [action = '', sessions] = known.split(IN_SESSIONS);
  const pattern = new RegExp(`^${action.replaceAll('*', '.*')}$`, 'i');
  return (allowed) => {
    const [other = '', otherSessions] = allowed.split(IN_SESSIONS);
    return pattern.test(other) && (sessions === undefined || sessions === otherSessions);
  };
}
const IN_SESSIONS = ' in sessions with ';

/**
 * Returns no boundaries if there is no file.
 * @throws Error for a file that does not list actions by role
 */
export function readAcknowledged(file = BOUNDARY_FILE): Boundaries {
  try {
    return Boundaries.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${file} is not a list of actions for each member role. Write it again: ${COMMAND}`, {
      cause: error,
    });
  }
}

/** Its message names what was not acknowledged, and the command that does it. */
export class BoundaryError extends Error {
  override readonly name = 'BoundaryError';
  constructor(growth: Boundaries) {
    const lines = Object.entries(growth).flatMap(([role, added]) => added.map((each) => `  ${role}: ${each}`));
    super(
      `The boundary of a member role would grow. In every account, these become possible:\n${lines.join('\n')}\n` +
        `The role's own policies and each session's still limit them. If that is right: ${COMMAND}, and commit boundary.json.`,
    );
  }
}

/** @throws BoundaryError if a boundary allows more than `boundary.json` */
export function checkBoundaries(context: SutureContext, remediations: readonly Remediation[]): void {
  const growth = growthOf(boundariesOf(context, remediations), readAcknowledged());
  if (Object.keys(growth).length > 0) throw new BoundaryError(growth);
}
