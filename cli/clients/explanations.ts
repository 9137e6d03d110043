/** Explains findings and controls by the ledger, the directory and a policy. */

import { dynamoContacts } from '../../functions/ledger/security-contacts.ts';
import { Failure } from '../errors/failure.ts';
import { type ControlPlace, type Explanation, explainControl, explainFinding } from '../forecast/explanation.ts';
import type { ForecastFacts } from '../forecast/forecast.ts';
import { policyInForce, readOrganization } from '../forecast/organization.ts';
import { utcDay } from '../output/utc-day.ts';
import type { ChosenPolicy } from '../policy/chosen-policy.ts';
import { installedNames } from './installed-names.ts';
import type { Operator } from './operator.ts';

/** @throws Failure if the ledger has only duplicates of the findings */
export async function findingExplanations(
  operator: Operator,
  ids: readonly string[],
  { policy }: ChosenPolicy,
): Promise<Explanation[]> {
  const records = (await Promise.all(ids.map((id) => operator.ledger.record(id)))).filter((each) => each !== undefined);
  if (records.length === 0) throw new Failure('The ledger has only duplicates of this finding, and so no resource.');
  const accounts = records.flatMap(({ job }) => job.finding.account ?? []);
  const facts = await factsFor(operator, accounts, policy);
  const explanations: Explanation[] = [];
  for (const record of records) {
    const securityContact = await contactOf(operator, record.job.finding.account);
    explanations.push(explainFinding(record, { ...facts, securityContact, now: operator.now() }));
  }
  return explanations;
}

export async function controlExplanations(
  operator: Operator,
  controls: readonly string[],
  place: ControlPlace,
  { policy }: ChosenPolicy,
): Promise<Explanation[]> {
  const { account } = place;
  const facts = await factsFor(operator, account === undefined ? [] : [account], policy);
  const securityContact = await contactOf(operator, account);
  return controls.map((control) => explainControl(control, { ...place, securityContact }, facts));
}

async function factsFor(
  operator: Operator,
  accounts: readonly string[],
  policy: ChosenPolicy['policy'],
): Promise<ForecastFacts> {
  const organization = await readOrganization(operator, accounts);
  return { organization, policy: policyInForce(policy, organization), today: utcDay(operator.now()) };
}

/** Returns undefined if Suture has not read the account's security contact yet. */
async function contactOf({ dynamo, now }: Operator, account: string | undefined): Promise<string | undefined> {
  if (account === undefined) return undefined;
  return (await dynamoContacts(installedNames().ledgerTable, dynamo, now).read(account))?.mail;
}
