/**
 * Simulates a finding of every handled control, about a resource of another organization under its own id, and rolls
 * every fix back through the API. The laws prove the modules; here, each statement of the deployed roles is needed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RollbackReport, rollbackCommand } from '../../../cli/commands/rollback.ts';
import { parseFindings } from '../../../cli/input/parse-findings.ts';
import type { Remediation } from '../../../functions/contract/remediation.ts';
import { rollsBackApart } from '../../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { SCENARIOS, scenariosOf } from '../../../functions/remediations/scenarios.generated.ts';
import { differenceText, type WorldDifference, worldDifferences } from '../../../lab/laws/world.ts';
import { approveChanges } from '../../../lab/organization/approve-changes.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { makeFaultyResource } from '../../../lab/organization/make-faulty-resource.ts';
import type { Trace } from '../../../lab/organization/trace.ts';
import { scenarioPolicy } from '../../../lab/simulate/policy.ts';
import { openSimulation, type Simulation } from '../../../lab/simulate/run.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import type { FaultableCall, FaultRule } from '../../../sandbox/kernel/fault.ts';
import type { Snapshot } from '../../../sandbox/kernel/states.ts';
import { testOperator } from '../../support/operator.ts';

/** Each control has its own account, so that a fix of one does not affect another. */
const CONTROLS = REMEDIATIONS.flatMap((remediation) =>
  remediation.handles.controls.map((control) => ({ control, remediation })),
).map((each, n) => ({ ...each, n, account: String(300_000_000_000 + n) }));
const REGION = 'eu-west-1';
const MANAGEMENT = '999999999999';

let otherOrganization: Sandbox;
let simulation: Simulation;
let traces: readonly Trace[];
let faulty: Snapshot;
let fixed: Snapshot;
let restored: Snapshot;
let rollbacks: RollbackReport;

beforeAll(async () => {
  otherOrganization = await createSandbox({
    organization: {
      id: 'o-elsewhere01',
      managementAccount: MANAGEMENT,
      accounts: [MANAGEMENT, ...CONTROLS.map(({ account }) => account)].map((id) => ({ id, name: id })),
    },
    homeRegion: REGION,
    seed: 7,
  });
  const findings = [];
  for (const { control, account, n } of CONTROLS) {
    const place = { partition: 'aws', account, region: REGION };
    const resource = await makeFaultyResource(otherOrganization, scenariosOf(control), place, control, `other-${n}`);
    findings.push(controlFinding({ ...place, control, resource, name: `finding-${n}`, at: new Date() }));
  }
  simulation = await openSimulation(parseFindings(JSON.stringify(findings), 'test'), {
    policy: scenarioPolicy(SCENARIOS),
    asIs: false,
  });
  const { sandbox, context } = simulation;
  sandbox.kernel.faults.push(killBeforeWrites());
  faulty = sandbox.snapshot();
  traces = await simulation.send();
  await approveChanges(sandbox, context.securityAccount, CONTROLS);
  await sandbox.settled();
  fixed = sandbox.snapshot();
  const { text } = await rollbackCommand(undefined, { ...testOperator(simulation), since: '1d', reason: 'a test' });
  rollbacks = JSON.parse(text);
  restored = sandbox.snapshot();
});
afterAll(async () => {
  await otherOrganization.close();
  await simulation.close();
});

/**
 * Kills each function that has another one for rollbacks, once, before its first write: the next attempt reads the
 * locked copy, as no other run of these functions does.
 */
function killBeforeWrites(): FaultRule {
  const waiting = new Set<Remediation>(CONTROLS.map(({ remediation }) => remediation).filter(rollsBackApart));
  return (call) => {
    const remediation = CONTROLS.find(({ account }) => account === call.place.account)?.remediation;
    return remediation && isMemberWrite(call) && waiting.delete(remediation) ? { kind: 'killBefore' } : undefined;
  };
}

const isMemberWrite = ({ isRead, principal }: FaultableCall): boolean =>
  !isRead && principal.kind === 'session' && principal.role.endsWith('/suture-member');

describe('a finding of each control', () => {
  it.each(CONTROLS.map(({ control, remediation: { risk }, n }) => [control, risk, n] as const))(
    '%s, %s',
    (_, risk, n) => {
      const { outcome, reason, before, after } = traces[n]!;
      expect([outcome, reason]).toEqual([
        risk === 'destructive' ? 'WAITING' : 'FIXED',
        expect.not.stringContaining('the sandbox'),
      ]);
      expect(after).not.toEqual(before);
    },
  );
});

describe('a rollback of each fix', () => {
  it('succeeds, unless the remediation says what it cannot restore', () => {
    expect(rollbacks.problems).toEqual([]);
    expect(rollbacks.plan.map(({ control }) => control).sort()).toEqual(CONTROLS.map(({ control }) => control).sort());
    const refused = rollbacks.results.filter(({ outcome }) => outcome !== 'ROLLED_BACK');
    expect(refused.map(({ why }) => why)).toEqual(
      CONTROLS.filter(isIrreversible).map(() => expect.stringContaining('cannot be undone')),
    );
  });

  it('restores the member accounts, or changes nothing if it is refused', () => {
    const irreversible = CONTROLS.filter(isIrreversible).map(({ account }) => account);
    const isOfIrreversible = (change: WorldDifference) => irreversible.some((account) => isOf(account, change));
    const left = changes(faulty, restored).filter((change) => !isOfIrreversible(change));
    expect([...left, ...changes(fixed, restored).filter(isOfIrreversible)].map(differenceText)).toEqual([]);
  });

  it('has a change to undo in each account', () => {
    const changed = changes(faulty, fixed);
    const unchanged = CONTROLS.filter(({ account }) => !changed.some((change) => isOf(account, change)));
    expect(unchanged.map(({ control }) => control)).toEqual([]);
  });
});

const isIrreversible = ({ remediation: { irreversible, loses }, n }: (typeof CONTROLS)[number]): boolean =>
  (irreversible ?? loses?.(traces[n]!.before, traces[n]!.after)) !== undefined;

/** Some states have the settings of all accounts. */
const isOf = (account: string, change: WorldDifference): boolean => differenceText(change).includes(account);

const changes = (from: Snapshot, to: Snapshot): WorldDifference[] =>
  worldDifferences(simulation.sandbox, from, to).filter((each) => isOfMember(each) && !each.isGenerated);

/** Suture's accounts have records of what it did, and Security Hub has notes. */
function isOfMember({ where }: WorldDifference): boolean {
  const { securityAccount, serviceAccount } = simulation.context;
  return where !== 'securityhub' && !where.includes(securityAccount) && !where.includes(serviceAccount);
}
