import { describe, expect, it } from 'vitest';
import type { InboxMessage } from '../../../functions/domain/finding-update.ts';
import { MAX_WAIT_MS, PendingUpdates } from '../../../functions/finding-updates/pending.ts';
import { archive, archives, record } from './messages.ts';

const pending = (...messages: InboxMessage[]): PendingUpdates => {
  const updates = new PendingUpdates();
  updates.add(messages, 0);
  return updates;
};
const calls = (from: PendingUpdates, now = 0, flush = true) => {
  const taken: [string | undefined, string[]][] = [];
  for (let call = from.take(now, { flush }); call; call = from.take(now, { flush }))
    taken.push([call.update?.note, call.findings.map(({ id }) => id)]);
  return taken;
};

describe('groups of updates', () => {
  it('are separate for different notes', () => {
    expect(calls(pending(archive('a', 'one'), archive('b', 'two'), archive('c', 'one')))).toEqual([
      ['one', ['a', 'c']],
      ['two', ['b']],
    ]);
  });
  it('have a finding once, with all of its messages', () => {
    const [first, second] = [archive('a', 'one'), archive('a', 'one')];
    const call = pending(first, second).take(0, { flush: true })!;
    expect(call.findings).toHaveLength(1);
    expect(call.findings[0]).toMatchObject({ id: 'a', productArn: 'p', messages: [first, second] });
  });
  it('include a group without an update for records', () => {
    expect(calls(pending(record('a'), record('b')))).toEqual([[undefined, ['a', 'b']]]);
  });
  it('have no note for a finding with a note of somebody else', () => {
    const noted = archive('b', 'one');
    Object.assign(noted.body.job.finding, { hasOthersNote: true });
    expect(pending(noted).take(0, { flush: true })!.update).toEqual({ status: 'SUPPRESSED' });
    expect(calls(pending(archive('a', 'one'), noted))).toEqual([
      ['one', ['a']],
      [undefined, ['b']],
    ]);
  });
  it('have at most a hundred findings', () => {
    expect(calls(pending(...archives(250, 'one'))).map(([, findings]) => findings.length)).toEqual([100, 100, 50]);
  });
});

describe('while findings keep coming', () => {
  it('a full group is due at once, a partial one waits', () => {
    const both = pending(archive('a', 'two'), ...archives(130, 'one'));
    expect(calls(both, 0, false).map(([note, findings]) => [note, findings.length])).toEqual([['one', 100]]);
    expect(both.isEmpty).toBe(false);
  });
  it('a partial group is due at its maximum age', () => {
    const waits = pending(archive('a', 'one'));
    waits.add([archive('b', 'one')], MAX_WAIT_MS - 1);
    expect(calls(waits, MAX_WAIT_MS - 1, false)).toEqual([]);
    expect(calls(waits, MAX_WAIT_MS, false)).toEqual([['one', ['a', 'b']]]);
  });
  it('the oldest group is first, so that none starves', () => {
    const updates = pending(archive('old', 'small'));
    updates.add(archives(200, 'large'), 10);
    expect(calls(updates, MAX_WAIT_MS, false).map(([note]) => note)).toEqual(['small', 'large', 'large']);
  });
});

it('the count of messages is right after a call and a return', () => {
  const updates = pending(archive('a', 'one'), archive('a', 'one'), archive('b', 'two'));
  expect(updates.messages).toBe(3);
  const { update, findings } = updates.take(0, { flush: true })!;
  expect(updates.messages).toBe(1);
  updates.returnFindings(update, findings);
  expect(updates.messages).toBe(3);
});

describe('a finding that was returned', () => {
  it('joins the next call of its group, with the messages that came meanwhile', () => {
    const updates = pending(archive('a', 'one'));
    const { update, findings } = updates.take(0, { flush: true })!;
    expect(updates.isEmpty).toBe(true);
    const [again, other] = [archive('a', 'one'), archive('b', 'one')];
    updates.add([other, again], 5);
    updates.returnFindings(update, findings);
    const next = updates.take(5, { flush: true })!;
    expect(next.findings.map(({ id, returned, messages }) => [id, returned, messages.length])).toEqual([
      ['b', 0, 1],
      ['a', 1, 2],
    ]);
  });
  it('leaves no empty group', () => {
    const updates = pending(archive('a', 'one'));
    updates.returnFindings(updates.take(0, { flush: true })!.update, []);
    expect(updates.isEmpty).toBe(true);
    expect(updates.take(0, { flush: true })).toBeUndefined();
  });
});
