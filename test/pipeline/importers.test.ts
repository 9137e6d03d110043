/** An account imports findings of its own product under the id of another account's finding. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchImportFindingsCommand, BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listCommand } from '../../cli/commands/list.ts';
import { dynamoHiddenFindings } from '../../functions/ledger/hidden-findings.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { findingById, reevaluate } from '../../sandbox/services/securityhub/simulation.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { DATA, type Pipeline, startPipeline } from '../support/pipeline.ts';

const HOUR = 3_600_000;
let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
});
afterAll(() => suture.sandbox.close());

const ProductArn = () => `arn:aws:securityhub:${suture.context.homeRegion}:${DATA}:product/${DATA}/default`;
const importer = () => new SecurityHubClient(suture.sandbox.administrator(DATA));

/** Fails, and is NOTIFIED, as a finding that Suture fixed and that still fails. */
async function importUnder({ Id, GeneratorId, Title, Types, Resources, Severity }: ControlFinding): Promise<void> {
  const at = new Date(suture.kernel.clock.now()).toISOString();
  const finding = {
    Id,
    GeneratorId,
    Title,
    Types,
    Resources,
    Severity,
    Description: 'a trial',
    SchemaVersion: '2018-10-08',
  };
  const { FailedFindings } = await importer().send(
    new BatchImportFindingsCommand({
      Findings: [
        {
          ...(finding as object),
          ...{ ProductArn: ProductArn(), AwsAccountId: DATA, CreatedAt: at, UpdatedAt: at },
          Compliance: { Status: 'FAILED' },
          RecordState: 'ACTIVE',
        } as never,
      ],
    }),
  );
  expect(FailedFindings ?? []).toEqual([]);
  await suture.sandbox.settled();
  const FindingIdentifiers = [{ Id, ProductArn: ProductArn() }];
  const Workflow = { Status: 'NOTIFIED' as const };
  await importer().send(new BatchUpdateFindingsCommand({ FindingIdentifiers, Workflow }));
  await suture.sandbox.settled();
}

const stateOf = async ({ Id }: ControlFinding) => {
  const all = JSON.parse(await listCommand({ ...testOperator(suture), limit: 1000 }));
  const { ofStatus, account } = all.find(({ findingId }: { findingId: string }) => findingId === Id);
  return { ofStatus, account, hub: findingById(suture.kernel, Id)!.Workflow!.Status };
};

it('a finding whose id another account imports is neither reopened nor counted as hidden', async () => {
  const finding = await suture.arrange('EC2.13');
  await suture.process(finding);
  reevaluate(suture.kernel, finding.Id, 'PASSED');
  await suture.sandbox.settled();
  const before = await stateOf(finding);
  expect(before.ofStatus).toBe('FIXED');
  await importUnder(finding);
  expect(await stateOf(finding)).toEqual(before);
  for (let day = 0; day < 4; day++) {
    await suture.kernel.clock.advance(24 * HOUR);
    await suture.sandbox.settled();
    expect(await stateOf(finding)).toEqual(before);
  }
  const today = new Date(suture.kernel.clock.now()).toISOString().slice(0, 10);
  const client = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
  expect((await dynamoHiddenFindings(LEDGER_TABLE, client).get(today))?.[DATA]).toBeUndefined();
});

it('a flood of imported findings does not keep a finding from being reopened', async () => {
  const finding = await suture.arrange('EC2.13');
  await suture.process(finding);
  const outcomes = async () => await suture.outcomes(finding);
  expect(await outcomes()).toEqual(['FIXED']);
  await importUnder(finding);
  /** Listings that have imported findings never end. */
  const flood: FaultRule = ({ operation, principal, input: { Filters } }) =>
    operation === 'GetFindings' &&
    principal.kind === 'session' &&
    principal.role.endsWith('/suture-recurring-findings') &&
    !Filters.Id &&
    !Filters.ProductArn?.some(({ Comparison }: { Comparison: string }) => Comparison === 'EQUALS')
      ? { kind: 'error', code: 'InternalException', status: 500 }
      : undefined;
  await suture.withFaults([flood], async () => {
    await suture.kernel.clock.advance(49 * HOUR);
    await suture.sandbox.settled();
  });
  expect((await outcomes()).slice(0, 2)).toEqual(['FIXED', 'COMPLIANT']);
});
