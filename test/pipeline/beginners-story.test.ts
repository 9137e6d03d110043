/**
 * An account made by a beginner. Suture observes it, fixes every fault or refuses it with a reason, and takes the
 * account back to where it began.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BackfillReport, backfillCommand } from '../../cli/commands/backfill.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { type RollbackReport, rollbackCommand } from '../../cli/commands/rollback.ts';
import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { differenceText, worldDifferences } from '../../lab/laws/world.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { makeBeginnersAccount } from '../../lab/simulate/beginners-account.ts';
import { automaticPolicy, observeOnly } from '../../lab/simulate/policy.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';

const POLICY = automaticPolicy(REMEDIATIONS);

let suture: Pipeline;
let findings: ControlFinding[];
let beginning: Snapshot;

beforeAll(async () => {
  suture = await startPipeline();
  const place = { partition: 'aws', account: SHOP, region: suture.context.homeRegion };
  findings = await makeBeginnersAccount({ ...suture, place }, POLICY);
  await suture.setPolicy(observeOnly(POLICY));
  await putExistingFindings(suture, findings);
  beginning = suture.sandbox.snapshot();
});
afterAll(() => suture.sandbox.close());

const CONTROL = /beginner-(.+)$/;
const controlsOf = (ids: readonly string[]) => ids.map((id) => CONTROL.exec(id)![1]!).sort();
const allControls = () => controlsOf(findings.map(({ Id }) => Id));

const backfill = async (options: object): Promise<BackfillReport> => {
  const { text } = await backfillCommand({ ...testOperator(suture), reason: 'a first look', ...options });
  await suture.sandbox.settled();
  return JSON.parse(text);
};
const findingsIn = async (status: string): Promise<LedgerListItem[]> =>
  JSON.parse(await listCommand({ ...testOperator(suture), status, limit: 1000 }));
const controlsIn = async (status: string) => controlsOf((await findingsIn(status)).map(({ findingId }) => findingId));
const reasonsIn = async (status: string) =>
  Object.fromEntries((await findingsIn(status)).map(({ findingId, reason }) => [CONTROL.exec(findingId)![1]!, reason]));
/** All services in the account and its Regions, without what AWS generates again. */
const changes = () =>
  worldDifferences(suture.sandbox, beginning, suture.sandbox.snapshot()).filter(
    ({ where, isGenerated }) => where.includes(SHOP) && !isGenerated,
  );

/** The beginner has set nothing that these need. The reason says what to set. */
const REFUSED = {
  'Account.1': expect.stringContaining('set params.name, params.title'),
  'CloudWatch.1': expect.stringContaining('see CloudTrail.1 and CloudTrail.5'),
  'S3.9': expect.stringContaining('set params.targetBucket'),
};
const fixedControls = () => allControls().filter((control) => !(control in REFUSED));

it('has thirty faults over more than fifteen services, several on one resource', () => {
  expect(findings).toHaveLength(30);
  expect(new Set(allControls().map((control) => control.split('.')[0])).size).toBeGreaterThan(15);
  expect(new Set(findings.map(({ Resources }) => Resources[0]!.Id)).size).toBeLessThan(20);
});

it('is observed first, without a change', async () => {
  expect(await backfill({})).toMatchObject({ started: 30, problems: [] });
  expect(await controlsIn('planned')).toEqual(fixedControls());
  expect(await reasonsIn('refused')).toEqual(REFUSED);
  expect(changes().map(differenceText)).toEqual([]);
});

it('has every fault fixed or refused with a reason when policy applies', async () => {
  await suture.setPolicy(POLICY);
  expect(await backfill({ apply: true })).toMatchObject({ started: 27, unobserved: 0, problems: [] });
  expect(await controlsIn('fixed')).toEqual(fixedControls());
  expect(await reasonsIn('refused')).toEqual(REFUSED);
  for (const finding of findings) expect(suture.securityHub(finding).status).not.toBe('NEW');
  expect(new Set(changes().map(({ where }) => where.split(' ')[0])).size).toBeGreaterThan(13);
});

it('is rolled back to its first state', async () => {
  const options = { ...testOperator(suture), account: SHOP, reason: 'start over' };
  const { plan, results, problems }: RollbackReport = JSON.parse((await rollbackCommand(undefined, options)).text);
  await suture.sandbox.settled();
  expect(plan).toHaveLength(27);
  expect(problems).toEqual([]);
  expect(results.filter(({ outcome }) => outcome !== 'ROLLED_BACK')).toEqual([]);
  expect(await controlsIn('rolled-back')).toEqual(fixedControls());
  expect(changes().map(differenceText)).toEqual([]);
});
