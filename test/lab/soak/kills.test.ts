/** A function killed between any two calls, through the executed workflow: one remediation at every call, and what a soak would tell. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenarios } from '../../../functions/remediations/scenarios.generated.ts';
import { installed } from '../../../lab/soak/installation.ts';
import { FAULTY, made } from '../../../lab/soak/kills/faulty.ts';
import { playRound } from '../../../lab/soak/kills/round.ts';
import { type KillsReport, kills, organizationOf } from '../../../lab/soak/kills/run.ts';
import { inWords } from '../../../lab/soak/kills/summary.ts';
import { type Fixed, type Undone, wrongFix, wrongUndo } from '../../../lab/soak/kills/wrong.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suture-kills-'));
});
afterAll(() => rm(folder, { recursive: true }));

const asked = (remediation: string) => ({
  remediation,
  seed: 3,
  state: join(folder, 'kills.json'),
  progress: () => {},
});

describe('the encryption of volumes, killed before and after each of its calls and of its undo', () => {
  let report: KillsReport;
  beforeAll(async () => {
    report = await kills(asked('ec2/encrypt-ebs-by-default'));
  }, 300_000);

  it('ends fixed and undone all the same, by itself', () => {
    expect(report.problems).toEqual([]);
    expect(report.replayed).toBe(0);
  });
  it('was killed at every one of them', () => {
    const [{ fixing, undoing }] = report.parts as [KillsReport['parts'][number]];
    // Two sessions, the journal looked at and written three times, the setting read, set and read again.
    expect([fixing, undoing]).toEqual([9, 8]);
    expect(report.kills).toBe(2 * (fixing + undoing));
  });
  it('is kept: asked again, nothing runs', async () => {
    const told: string[] = [];
    const again = await kills({ ...asked('ec2/encrypt-ebs-by-default'), progress: (line) => told.push(line) });
    expect([again, told]).toEqual([report, ['1 of 1 cases were done before']]);
  });
  it('is shown in words', () => {
    expect(inWords(report)).toContain('ec2/encrypt-ebs-by-default: 1 cases, killed 34 times');
    expect(inWords({ ...report, problems: ['an undo was lost'] })).toContain('1 problems:\nan undo was lost');
  });
});

describe('the credentials of a user, whose change a person approves', () => {
  it.each([
    ['in its plan', { call: 3, how: 'killAfter' }],
    ['between journal and write', { call: -5, how: 'killBefore' }],
    ['between write and journal', { call: -4, how: 'killAfter' }],
  ] as const)(
    'end fixed, and undone or refused, all the same: killed %s',
    async (_, { call, how }) => {
      const faulty = FAULTY.find(({ cases: { of } }) => of.id === 'iam/disable-unused-credentials')!;
      await installed({ ...organizationOf([faulty]), seed: 3 }, async (soaked) => {
        const undisturbed = await playRound(soaked, await made(soaked, faulty, 0), 'f-0');
        const killing = { call: call < 0 ? undisturbed.fixing + call + 1 : call, how };
        const round = await playRound(soaked, await made(soaked, faulty, 1), 'f-1', killing);
        expect([...undisturbed.problems, ...round.problems]).toEqual([]);
        expect(round.kills).toBeGreaterThan(0);
      });
    },
    60_000,
  );
});

describe('a soak of kills', () => {
  it('has every case that ends in a fix, each with an account of its own', () => {
    const fixes = scenarios
      .flatMap((each) => Object.values(each.scenarios))
      .filter(({ expected }) => expected === 'FIXED');
    expect(FAULTY).toHaveLength(fixes.length);
    expect(new Set(FAULTY.map(({ account }) => account)).size).toBe(fixes.length);
  });
  it('of what is no remediation is refused', async () => {
    await expect(kills(asked('ec2/open-ports'))).rejects.toThrow(
      'There is no remediation ec2/open-ports with a faulty case. There are cloudtrail/validate-log-files, ',
    );
  });
});

describe('what is wrong after a kill', () => {
  const subject = { before: { state: 'open', isRight: false }, watched: { module: {} } } as never;
  const entry = { before: 'open', status: 'done' };
  const fixed = {
    ...{ outcome: 'FIXED', reason: '', replayed: 0, state: 'closed', isRight: true, before: 'open' },
    ...{ status: 'NOTIFIED', entry },
  } as unknown as Fixed;
  const undone = {
    ...{ outcome: 'ROLLED_BACK', reason: '', replayed: 0, state: 'open', isRight: false },
    ...{ entry: { ...entry, status: 'rolledBack' } },
  } as unknown as Undone;

  it('is nothing where all is as it should be', () => {
    expect([...wrongFix(subject, fixed, 'closed'), ...wrongUndo(subject, fixed, undone)]).toEqual([]);
  });
  it.each([
    ['an end that is none', { outcome: 'FAILED', reason: 'why' }, 'ended as FAILED: why'],
    ['a fault that is left', { isRight: false }, 'left "closed", which is not right'],
    ['another end than undisturbed', { state: 'half' }, 'left "half", not "closed" as one that nobody disturbs'],
    ['an undo lost in the ledger', { before: 'half' }, 'has the undo "half" in the ledger, not "open"'],
    ['an undo lost in the journal', { entry: { ...entry, before: 'half' } }, 'has the undo "half" in the journal'],
    ['a change that is not over', { entry: { ...entry, status: 'written' } }, 'is written in the journal, not done'],
    ['a finding left as it was', { status: 'NEW' }, 'left the finding NEW, not NOTIFIED'],
  ])('after the fix: %s', (_, met, problem) => {
    expect([...wrongFix(subject, { ...fixed, ...met } as Fixed, 'closed')]).toEqual([expect.stringContaining(problem)]);
  });
  it.each([
    ['an end that is none', { outcome: 'REFUSED', reason: 'why' }, 'ended as REFUSED, not as ROLLED_BACK: why'],
    ['a resource that is not as it was', { state: 'closed' }, 'left "closed", not "open"'],
    ['an undo that is not over', { entry: { ...entry, status: 'rollingBack' } }, 'is rollingBack in the journal'],
  ])('after the undo: %s', (_, met, problem) => {
    expect([...wrongUndo(subject, fixed, { ...undone, ...met } as Undone)]).toEqual([expect.stringContaining(problem)]);
  });
  it('after the undo of what cannot be undone: that it changed something', () => {
    const lossy = { ...(subject as object), watched: { module: { loses: () => 'the password' } } } as never;
    const refused = { ...undone, outcome: 'REFUSED', state: 'closed', entry: { ...entry, status: 'done' } } as never;
    expect([...wrongUndo(lossy, fixed, refused)]).toEqual([]);
    expect([...wrongUndo(lossy, fixed, undone)]).toHaveLength(3);
  });
});
