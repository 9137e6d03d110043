/**
 * Plants canaries in every answer that a member session gets, and in a finding, and searches everything that the
 * deployed workflow writes: executions, ledger, journal, locked copies, events, messages, notes and logs.
 */
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import { approveChanges } from '../../lab/organization/approve-changes.ts';
import { CANARIES, type CanaryPlaces, canaryAnswers, textsIn } from '../../lab/organization/canaries.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { scenarioPolicy } from '../../lab/simulate/policy.ts';
import type { FaultableCall } from '../../sandbox/kernel/fault.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { JOURNAL_TABLE, LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';

/** The answers about their resources have secrets, or the account's contacts. One waits for a person. */
const CONTROLS = ['RDS.8', 'RDS.11', 'RDS.7', 'Redshift.3', 'Redshift.1', 'Account.1'];
const APPROVED = { control: 'Redshift.1', account: SHOP };
const IN_DETAILS = 'canary-details-5f1d2c';

type Written = { readonly where: string; readonly value: unknown };

let suture: Pipeline;
const FINDINGS: ControlFinding[] = [];
/** Inputs of all calls but those of member sessions: of Suture's roles, of the services that call it, and of people. */
const INPUTS: Written[] = [];
/** Secret keys and tokens of the sessions that Suture's functions open. */
const CREDENTIALS: string[] = [];
let written: readonly Written[];

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  const policy = scenarioPolicy(SCENARIOS);
  await suture.setPolicy({ ...policy, controls: { ...policy.controls, [APPROVED.control]: 'approve' } });
  suture.kernel.faults.push((call) => {
    if (!isMember(call)) INPUTS.push({ where: `${call.service} ${call.operation}`, value: call.input });
    return undefined;
  });
  await processWith('present');
  await processWith('everywhere');
  written = [
    ...INPUTS,
    ...functionLogs(suture.kernel).map(({ functionName, line }) => ({ where: `log of ${functionName}`, value: line })),
    ...(await itemsOf(suture.context.securityAccount, LEDGER_TABLE)),
    ...(await itemsOf(suture.context.serviceAccount, JOURNAL_TABLE)),
    ...[...suture.sandbox.snapshot()].filter(isSuturesState).map(([where, value]) => ({ where, value })),
  ];
});
afterAll(() => suture.sandbox.close());

const isMember = ({ principal }: FaultableCall): boolean =>
  principal.kind === 'session' && principal.role.endsWith('/suture-member');

/** Fixes and rolls back a finding of each control. */
async function processWith(places: CanaryPlaces): Promise<void> {
  const { sandbox, context, kernel } = suture;
  const arranged: ControlFinding[] = [];
  for (const control of CONTROLS) arranged.push(withSecretDetails(await suture.arrange(control)));
  FINDINGS.push(...arranged);
  kernel.answers.push(canaryAnswers(places, isMember), (call, output) => {
    if (call.operation === 'AssumeRole') CREDENTIALS.push(...secretsIn(output));
    return output;
  });
  await suture.process(...arranged);
  await approveChanges(sandbox, context.securityAccount, [APPROVED]);
  await sandbox.settled();
  await rollbackCommand(undefined, { ...testOperator(suture), since: '1d', reason: 'a test' });
  await sandbox.settled();
  kernel.answers.length = 0;
}

function withSecretDetails(finding: ControlFinding): ControlFinding {
  const [named] = finding.Resources;
  const Details = { [named!.Type]: { PendingModifiedValues: { MasterUserPassword: IN_DETAILS } } };
  return { ...finding, Resources: [{ ...named!, Details }] };
}

const secretsIn = (output: unknown): string[] => {
  const { SecretAccessKey, SessionToken } = (output as { Credentials: Record<string, string> }).Credentials;
  return [SecretAccessKey!, SessionToken!];
};

/** STS has the credentials that it issued. Global states have no account in their names. */
function isSuturesState([name]: readonly [string, unknown]): boolean {
  const [service, , account] = name.split(' ');
  const { securityAccount, serviceAccount } = suture.context;
  return service !== 'sts' && (account === undefined || [securityAccount, serviceAccount].includes(account));
}

async function itemsOf(account: string, TableName: string): Promise<Written[]> {
  const pages = paginateScan({ client: new DynamoDBClient(suture.sandbox.administrator(account)) }, { TableName });
  const items: Written[] = [];
  for await (const { Items = [] } of pages) items.push(...Items.map((value) => ({ where: TableName, value })));
  return items;
}

const has = (value: unknown, texts: readonly string[]): boolean =>
  [...textsIn(value)].some((each) => texts.some((text) => each.includes(text)));
const placesOf = (...texts: string[]): string[] =>
  [...new Set(written.filter(({ value }) => has(value, texts)).map(({ where }) => where))].sort();

it('the search finds findings or their resources in every store', () => {
  expect(placesOf(...FINDINGS.flatMap(({ Id, Resources }) => [Id, Resources[0]!.Id]))).toEqual(
    expect.arrayContaining([
      'eventbridge PutEvents',
      'lambda Invoke',
      'log of suture-remediation-rds-protect-instances',
      's3 PutObject',
      's3 aws',
      'securityhub aws',
      'sfn aws 111111111111 us-east-1',
      'sns Publish',
      'sqs SendMessage',
      JOURNAL_TABLE,
      LEDGER_TABLE,
    ]),
  );
});

it('no store has a secret or a contact of a member account', () => {
  expect(placesOf(...Object.values(CANARIES))).toEqual([]);
});

it("no store has credentials of Suture's sessions", () => {
  expect(CREDENTIALS.length).toBeGreaterThan(50);
  expect(placesOf(...CREDENTIALS)).toEqual([]);
});

/** AWS's event with the whole finding starts the execution, whose first task is triage. The job does not have it. */
it('only the event that AWS sends has the Details of a finding', () => {
  const places = ['eventbridge aws 111111111111 us-east-1', 'lambda Invoke', 'securityhub aws'];
  expect(placesOf(IN_DETAILS)).toEqual([...places, 'sfn StartExecution', 'sfn aws 111111111111 us-east-1']);
  const invoked = INPUTS.filter(({ where, value }) => where === 'lambda Invoke' && has(value, [IN_DETAILS]));
  expect(new Set(invoked.map(({ value }) => (value as { FunctionName: string }).FunctionName))).toEqual(
    new Set([expect.stringContaining('suture-triage')]),
  );
});
