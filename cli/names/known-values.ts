/** Refuses values of filters that nothing has, so that a typing mistake does not look like an empty list. */
import { FINAL, RETRIED } from '../../functions/contract/errors.ts';
import { STILL_FAILING } from '../../functions/domain/ledger.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import { AWS_REGIONS } from '../../stacks/regions.ts';
import type { AccountBook } from '../clients/account-book.ts';
import { UsageError } from '../errors/usage-error.ts';
import { isKnownControl, unknownControlText } from './controls.ts';

export type NamedValues = {
  readonly control?: string;
  readonly account?: string;
  readonly region?: string;
  readonly ou?: string;
  readonly remediation?: string;
  readonly error?: string;
};

const REMEDIATION_IDS = DECLARATIONS.map(({ id }) => id);

/** Includes the errors of Step Functions, of the workflow, and of the function that looks for recurring findings. */
export const SUTURE_ERRORS = [
  ...RETRIED,
  ...FINAL,
  'ExecutionAborted',
  'ExecutionGone',
  'FindingUpdateRefused',
  STILL_FAILING,
  'States.Timeout',
] as const;

/**
 * @param isUsed whether the ledger has findings with a control or an error that Suture does not know, such as AWS's own
 * @throws UsageError with the nearest name
 */
export async function requireKnown(
  { control, account, region, ou, remediation, error }: NamedValues,
  book: AccountBook,
  isUsed: (value: Pick<NamedValues, 'control' | 'error'>) => Promise<boolean>,
): Promise<void> {
  if (remediation !== undefined) requireOneOf('remediation', remediation, REMEDIATION_IDS, 'catalogue');
  if (region !== undefined) requireOneOf('Region', region, AWS_REGIONS);
  if (control !== undefined && !isKnownControl(control) && !(await isUsed({ control })))
    throw new UsageError(unknownControlText(control));
  if (error !== undefined && !SUTURE_ERRORS.some((each) => each === error) && !(await isUsed({ error })))
    throw new UsageError(`No finding has failed with "${error}"${suggestion(error, SUTURE_ERRORS) || '.'}`);
  if (account !== undefined) requireListed('account', account, await book.ids());
  if (ou !== undefined) requireListed('organizational unit', ou, ['/', ...(await book.unitPaths())]);
}

/** Accepts every value before the directory's first run, which lists them. */
function requireListed(what: string, value: string, listed: readonly string[]): void {
  if (listed.filter((each) => each !== '/').length > 0) requireOneOf(what, value, listed);
}

/** @param listedBy the command that lists them all */
export function requireOneOf(what: string, value: string, all: readonly string[], listedBy?: string): void {
  if (all.includes(value)) return;
  const where = what === 'account' || what === 'organizational unit' ? ' in the organization' : '';
  const more = listedBy ? ` All of them: suture ${listedBy}` : '';
  throw new UsageError(`There is no ${what} "${value}"${where}${suggestion(value, all) || `.${listText(all)}`}${more}`);
}

/** An error lists the values only if there are at most this many. */
const MAX_LISTED = 12;

const listText = (all: readonly string[]): string =>
  all.length > 0 && all.length <= MAX_LISTED ? ` There are: ${all.join(', ')}.` : '';
