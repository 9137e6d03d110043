import { describe, expect, it } from 'vitest';
import { stateVisits } from '../../../cli/clients/state-visits.ts';

const timestamp = new Date('2026-11-22T12:00:00Z');
const entered = (name: string) => ({
  id: 1,
  timestamp,
  type: 'TaskStateEntered' as const,
  stateEnteredEventDetails: { name },
});
const failed = (error: string) => ({
  id: 1,
  timestamp,
  type: 'TaskFailed' as const,
  taskFailedEventDetails: { error, resource: '', resourceType: '' },
});

describe('stateVisits', () => {
  it('returns each state with the errors of its attempts, and each redrive', () => {
    const redriven = { id: 1, timestamp, type: 'ExecutionRedriven' as const };
    const events = [
      entered('Triage'),
      entered('Remediate'),
      failed('Throttled'),
      failed('Throttled'),
      redriven,
      entered('Report'),
    ];
    expect(stateVisits(events).map(({ state, errors }) => [state, ...errors])).toEqual([
      ['Triage'],
      ['Remediate', 'Throttled', 'Throttled'],
      ['redriven'],
      ['Report'],
    ]);
  });
});
