import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../../functions/remediations/scenarios.generated.ts';
import type { KillPoint } from '../../../lab/soak/kills/kill-at-call.ts';
import { runRound } from '../../../lab/soak/kills/round.ts';
import {
  type FixResult,
  fixProblems,
  type RollbackResult,
  rollbackProblems,
} from '../../../lab/soak/kills/round-problems.ts';
import { type KillsReport, killsInstallation, runKillsSoak } from '../../../lab/soak/kills/run.ts';
import { KILL_SCENARIOS, prepareSubject } from '../../../lab/soak/kills/subjects.ts';
import { killsSummary } from '../../../lab/soak/kills/summary.ts';
import { withInstallation } from '../../../lab/soak/with-installation.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suture-kills-'));
});
afterAll(() => rm(folder, { recursive: true }));

const optionsFor = (remediation: string) => ({
  remediation,
  seed: 3,
  state: join(folder, 'kills.json'),
  progress: () => {},
});

describe('the encryption of volumes, killed before and after each call of its fix and of its rollback', () => {
  let report: KillsReport;
  beforeAll(async () => {
    report = await runKillsSoak(optionsFor('ec2/encrypt-ebs-by-default'));
  }, 300_000);

  it('ends fixed and rolled back without a replay', () => {
    expect(report.problems).toEqual([]);
    expect(report.replayed).toBe(0);
  });
  it('is killed at every call', () => {
    const [{ fixCalls, rollbackCalls }] = report.parts as [KillsReport['parts'][number]];
    // A signature, two sessions, a read and three writes of the journal, two reads and a write of the setting. The fix
    // writes a copy of the journal's entry; the rollback lists the copies and reads the oldest.
    expect([fixCalls, rollbackCalls]).toEqual([11, 12]);
    expect(report.kills).toBe(2 * (fixCalls + rollbackCalls));
  });
  it('returns the saved report when it is complete', async () => {
    const lines: string[] = [];
    const options = { ...optionsFor('ec2/encrypt-ebs-by-default'), progress: (line: string) => lines.push(line) };
    expect([await runKillsSoak(options), lines]).toEqual([report, ['1 of 1 scenario done before']]);
  });
  it('has a summary', () => {
    expect(killsSummary(report)).toContain('ec2/encrypt-ebs-by-default: 1 scenario, killed 46 times');
    expect(killsSummary({ ...report, problems: ['an undo was lost'] })).toContain('1 problem:\nan undo was lost');
  });
});

describe('the credentials of a user, whose change a person approves', () => {
  it('end fixed, and rolled back or refused, when killed in plan, or between journal and write', async () => {
    const scenario = KILL_SCENARIOS.find(
      ({ scenarios: { remediation } }) => remediation.id === 'iam/disable-unused-credentials',
    )!;
    await withInstallation({ ...killsInstallation([scenario]), seed: 3 }, async (installation) => {
      const reference = await runRound(installation, await prepareSubject(installation, scenario, 0), 'f-0');
      expect(reference.problems).toEqual([]);
      const killPoints: KillPoint[] = [
        { call: 3, kind: 'killAfter' },
        { call: reference.fixCalls - 4, kind: 'killBefore' },
        { call: reference.fixCalls - 3, kind: 'killAfter' },
      ];
      for (const [n, killPoint] of killPoints.entries()) {
        const subject = await prepareSubject(installation, scenario, n + 1);
        const { problems, kills } = await runRound(installation, subject, `f-${n + 1}`, { killPoint });
        expect({ problems, isKilled: kills > 0 }).toEqual({ problems: [], isKilled: true });
      }
    });
  });
});

describe('a soak of kills', () => {
  it('has every scenario that ends in a fix, each with its own account', () => {
    const fixes = SCENARIOS.flatMap((each) => Object.values(each.scenarios)).filter(
      ({ expected }) => expected === 'FIXED',
    );
    expect(KILL_SCENARIOS).toHaveLength(fixes.length);
    expect(new Set(KILL_SCENARIOS.map(({ account }) => account)).size).toBe(fixes.length);
  });
  it('refuses an unknown remediation', async () => {
    await expect(runKillsSoak(optionsFor('ec2/open-ports'))).rejects.toThrow(
      /^There is no remediation ec2\/open-ports with a scenario that ends in a fix\. Did you mean ec2\/.*\? All names: npm run prove -- --list$/,
    );
  });
});

describe('the problems of a round', () => {
  const subject = { before: { state: 'open', isCompliant: false }, ref: { module: {} } } as never;
  const entry = { before: 'open', status: 'done' };
  const fix = {
    ...{ outcome: 'FIXED', reason: '', replayed: 0, state: 'closed', isCompliant: true, before: 'open' },
    ...{ status: 'NOTIFIED', entry },
  } as unknown as FixResult;
  const rollback = {
    ...{ outcome: 'ROLLED_BACK', reason: '', replayed: 0, state: 'open', isCompliant: false },
    ...{ entry: { ...entry, status: 'rolledBack' } },
  } as unknown as RollbackResult;

  it('are none if everything is as expected', () => {
    expect([...fixProblems(subject, fix, 'closed'), ...rollbackProblems(subject, fix, rollback)]).toEqual([]);
  });
  it.each([
    ['another outcome', { outcome: 'FAILED', reason: 'why' }, 'ended as FAILED: why'],
    ['a resource that is not compliant', { isCompliant: false }, 'left "closed", which is not compliant'],
    ['another state than without kills', { state: 'half' }, 'left "half", not "closed" as without kills'],
    ['another undo in the ledger', { before: 'half' }, 'has the undo "half" in the ledger, not "open"'],
    ['another undo in the journal', { entry: { ...entry, before: 'half' } }, 'has the undo "half" in the journal'],
    ['an unfinished journal entry', { entry: { ...entry, status: 'written' } }, 'is written in the journal, not done'],
    ['a finding that is still NEW', { status: 'NEW' }, 'left the finding NEW, not NOTIFIED'],
  ])('include %s after the fix', (_, difference, problem) => {
    expect([...fixProblems(subject, { ...fix, ...difference } as FixResult, 'closed')]).toEqual([
      expect.stringContaining(problem),
    ]);
  });
  it.each([
    ['another outcome', { outcome: 'REFUSED', reason: 'why' }, 'ended as REFUSED, not as ROLLED_BACK: why'],
    ['a resource that is not restored', { state: 'closed' }, 'left "closed", not "open"'],
    [
      'an unfinished journal entry',
      { entry: { ...entry, status: 'rollingBack' } },
      'is rollingBack in the journal, not rolledBack',
    ],
  ])('include %s after the rollback', (_, difference, problem) => {
    expect([...rollbackProblems(subject, fix, { ...rollback, ...difference } as RollbackResult)]).toEqual([
      expect.stringContaining(problem),
    ]);
  });
  it('include any change by the rollback of an irreversible fix', () => {
    const irreversible = {
      ...(subject as object),
      ref: { module: { loses: () => 'the password' } },
    } as never;
    const refused = { ...rollback, outcome: 'REFUSED', state: 'closed', entry: { ...entry, status: 'done' } } as never;
    expect([...rollbackProblems(irreversible, fix, refused)]).toEqual([]);
    expect([...rollbackProblems(irreversible, fix, rollback)]).toHaveLength(3);
  });
});
