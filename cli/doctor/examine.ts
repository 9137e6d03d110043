/** Calls the doctor functions of the installation, with up to 50 accounts a call. */

import type * as z from 'zod';
import type { ApiRouteName } from '../../functions/domain/api.ts';
import {
  DoctorAccounts,
  type DoctorResult,
  DoctorResults,
  MAX_DOCTOR_ACCOUNTS,
  type RecorderVerdict,
  RecorderVerdicts,
  type StackInstance,
  StackInstances,
} from '../../functions/domain/doctor.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import type { SutureApi } from '../clients/api.ts';
import { installedNames } from '../clients/installed-names.ts';
import { UsageError } from '../errors/usage-error.ts';
import { batchesOf } from '../input/batches.ts';

export type Examination = {
  readonly api: SutureApi;
  readonly progress: (line: string) => void;
  /** Default: every active account of the organization. */
  readonly accounts?: readonly string[] | undefined;
};

export async function examine({ api, progress, ...options }: Examination): Promise<DoctorResult[]> {
  progress('checking the organization and the security account');
  const organization = await callDoctor(api, 'checkOrganization');
  progress('checking the service account');
  const service = await callDoctor(api, 'checkService');
  const accounts = await chosenAccounts(api, options.accounts);
  const { instances, problems } = await stackInstances(api);
  const recorders = await recorderResults(api, accounts, progress);
  const ofAccounts = await inBatches(accounts, progress, (batch) => {
    const own = instances?.filter(({ account }) => batch.includes(account));
    return callDoctor(api, 'checkAccounts', { accounts: batch, instances: own });
  });
  return [...organization, ...service, ...problems, ...recorders, ...ofAccounts];
}

export async function compareRole(
  { api, progress, accounts }: Examination,
  role: string,
  reference: string,
): Promise<DoctorResult[]> {
  const all = await chosenAccounts(api, accounts);
  const others = all.filter((account) => account !== reference);
  return inBatches(others, progress, (batch) => callDoctor(api, 'compareRoles', { role, reference, accounts: batch }));
}

/** @throws UsageError for an account that the organization does not have, whose checks would all fail */
async function chosenAccounts(api: SutureApi, requested: readonly string[] | undefined): Promise<readonly string[]> {
  const active = await activeAccounts(api);
  const unknown = requested?.find((id) => !active.includes(id));
  if (unknown === undefined) return requested ?? active;
  throw new UsageError(
    `The organization has no active account "${unknown}"${suggestion(unknown, active) || '.'} Its accounts: aws organizations list-accounts`,
  );
}

const callDoctor = async (api: SutureApi, route: ApiRouteName, body?: object) =>
  DoctorResults.parse(await api.call(route, body && { body })).results;

async function inBatches(
  accounts: readonly string[],
  progress: (line: string) => void,
  ask: (batch: string[]) => Promise<DoctorResult[]>,
): Promise<DoctorResult[]> {
  const all: DoctorResult[] = [];
  for (const [n, batch] of batchesOf(accounts, MAX_DOCTOR_ACCOUNTS).entries()) {
    const first = n * MAX_DOCTOR_ACCOUNTS;
    progress(`checking accounts ${first + 1} to ${first + batch.length} of ${accounts.length}`);
    all.push(...(await ask(batch)));
  }
  return all;
}

async function pagesOf<P extends { readonly next?: string | undefined }>(
  api: SutureApi,
  route: ApiRouteName,
  schema: z.ZodType<P>,
): Promise<P[]> {
  const pages: P[] = [];
  let next: string | undefined;
  do {
    const page: P = schema.parse(await api.call(route, next === undefined ? {} : { query: { next } }));
    pages.push(page);
    next = page.next;
  } while (next !== undefined);
  return pages;
}

async function activeAccounts(api: SutureApi): Promise<string[]> {
  const pages = await pagesOf(api, 'listDoctorAccounts', DoctorAccounts);
  const accounts = pages.flatMap(({ accounts }) => accounts);
  return accounts
    .filter(({ status }) => status === 'ACTIVE')
    .map(({ id }) => id)
    .sort();
}

async function stackInstances(api: SutureApi) {
  try {
    const pages = await pagesOf(api, 'listStackInstances', StackInstances);
    const isListed = pages.some(({ instances }) => instances !== undefined);
    const instances = pages.flatMap(({ instances = [] }): StackInstance[] => instances);
    return { instances: isListed ? instances : undefined, problems: [] };
  } catch (error) {
    const problem: DoctorResult = {
      check: 'stack-set',
      where: 'the account of the rollout',
      problem: `the instances of the member role's StackSet could not be listed: ${(error as Error).message}`,
      remedy: `npx cdk deploy --exclusively ${installedNames().stack('OrgRollout')}, which has the role that lists them`,
    };
    return { instances: undefined, problems: [problem] };
  }
}

async function recorderResults(
  api: SutureApi,
  accounts: readonly string[],
  progress: (line: string) => void,
): Promise<DoctorResult[]> {
  progress('asking Security Hub where Config records');
  const pages = await pagesOf(api, 'listRecorderVerdicts', RecorderVerdicts);
  const statuses = new Map(pages.flatMap(({ verdicts }) => verdicts.map((each) => [placeOf(each), each.status])));
  const regions = pages[0]?.regions ?? [];
  return accounts.flatMap((account) =>
    regions.map((region) => recorderResult(placeOf({ account, region }), statuses.get(placeOf({ account, region })))),
  );
}

const placeOf = ({ account, region }: Pick<RecorderVerdict, 'account' | 'region'>) => `${account} ${region}`;

/** https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html */
function recorderResult(where: string, status: string | undefined): DoctorResult {
  const result = { check: 'config-on', where };
  if (status === 'PASSED') return result;
  return {
    ...result,
    problem:
      status === undefined
        ? 'Security Hub has no verdict on Config: its control Config.1 is off, or its first check is still to come'
        : `Config does not record what Security Hub's controls need: Config.1 is ${status}`,
    remedy:
      'turn on Config there for all types of resources: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-setup-prereqs.html',
  };
}
