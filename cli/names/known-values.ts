/** Refuses values of filters that nothing has, so that a typing mistake is not taken for an empty list. */
import { suggestion } from '../../functions/domain/nearest.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import type { AccountBook } from '../clients/account-book.ts';
import { UsageError } from '../errors/usage-error.ts';
import { isKnownControl, unknownControlText } from './controls.ts';
import { AWS_REGIONS } from './regions.ts';

export type NamedValues = {
  readonly control?: string;
  readonly account?: string;
  readonly region?: string;
  readonly ou?: string;
  readonly remediation?: string;
};

const REMEDIATION_IDS = DECLARATIONS.map(({ id }) => id);

/**
 * @param isUsed whether the ledger has findings of a control that Suture does not know, because AWS adds controls
 * @throws UsageError with the nearest name
 */
export async function requireKnown(
  { control, account, region, ou, remediation }: NamedValues,
  book: AccountBook,
  isUsed: (control: string) => Promise<boolean>,
): Promise<void> {
  if (remediation !== undefined) requireOneOf('remediation', remediation, REMEDIATION_IDS, 'catalogue');
  if (region !== undefined) requireOneOf('Region', region, AWS_REGIONS);
  if (control !== undefined && !isKnownControl(control) && !(await isUsed(control)))
    throw new UsageError(unknownControlText(control));
  if (account !== undefined) requireListed('account', account, await book.ids());
  if (ou !== undefined) requireListed('organizational unit', ou, ['/', ...(await book.unitPaths())]);
}

/** Before the directory's first run nothing is listed, and every value is taken. */
function requireListed(what: string, value: string, listed: readonly string[]): void {
  if (listed.filter((each) => each !== '/').length > 0) requireOneOf(what, value, listed);
}

/** @param listedBy the command that lists them all */
export function requireOneOf(what: string, value: string, all: readonly string[], listedBy?: string): void {
  if (all.includes(value)) return;
  const where = what === 'account' || what === 'organizational unit' ? ' in the organization' : '';
  const more = listedBy ? ` All of them: npm run -s suture -- ${listedBy}` : '';
  throw new UsageError(`There is no ${what} "${value}"${where}${suggestion(value, all) || '.'}${more}`);
}
