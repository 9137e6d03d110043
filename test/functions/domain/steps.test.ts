import { describe, expect, it } from 'vitest';
import type { Job } from '../../../functions/domain/job.ts';
import { stateVisits, withStep } from '../../../functions/domain/steps.ts';

const JOB = { v: 3, execution: 'e', started: 's', route: 'remediate', reason: 'r', finding: {} } as unknown as Job;
const atMinute = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString();
const step = (state: string, minute: number, retries?: number) => ({ state, at: atMinute(minute), retries });

describe('the steps of a job', () => {
  it('say what each led to', () => {
    const awaits = { kind: 'planned', awaits: 'approval' } as Job['result'];
    const deferred = { kind: 'deferred', until: atMinute(9), because: '' } as Job['result'];
    const triaged = withStep(JOB, step('Triage', 0));
    const planned = withStep({ ...triaged, result: awaits }, step('Plan', 1, 2));
    expect(withStep({ ...planned, result: deferred }, step('Remediate', 2)).steps).toEqual([
      { ...step('Triage', 0), result: 'remediate' },
      { ...step('Plan', 1, 2), result: 'planned, waits for approval' },
      { ...step('Remediate', 2), result: `deferred until ${atMinute(9)}` },
    ]);
  });
  it('are at most forty, the first and the last ones', () => {
    let job = JOB;
    for (let minute = 0; minute < 100; minute++) job = withStep(job, step('Remediate', minute));
    const minutes = job.steps!.map(({ at }) => (Date.parse(at) - Date.parse(atMinute(0))) / 60_000);
    expect([minutes.length, minutes[0], minutes[19], minutes[20], minutes.at(-1)]).toEqual([40, 0, 19, 80, 99]);
    expect(Buffer.byteLength(JSON.stringify(job.steps))).toBeLessThan(6 * 1024);
  });
});

describe('visits of states', () => {
  const throttled = { state: 'Remediate', at: atMinute(1), error: 'Throttled' };

  it('join the steps with the errors of their attempts', () => {
    const steps = [step('Triage', 0), step('Remediate', 1, 3), step('Remediate', 5)];
    expect(stateVisits({ steps }, [throttled, throttled])).toEqual([
      { state: 'Triage', at: atMinute(0), attempts: 1, errors: [] },
      { state: 'Remediate', at: atMinute(1), attempts: 4, errors: ['Throttled', 'Throttled'] },
      { state: 'Remediate', at: atMinute(5), attempts: 1, errors: [] },
    ]);
  });
  it('include the state in which an execution failed or still retries', () => {
    expect(stateVisits({ steps: [step('Triage', 0)] }, [throttled])).toEqual([
      { state: 'Triage', at: atMinute(0), attempts: 1, errors: [] },
      { state: 'Remediate', at: atMinute(1), attempts: 1, errors: ['Throttled'] },
    ]);
  });
});
