import { describe, expect, it } from 'vitest';
import type { InboxMessage } from '../../../functions/finding-updates/message.ts';
import { LONGEST_WAIT, Pending } from '../../../functions/finding-updates/pending.ts';
import { archive, archives, record } from './messages.ts';

const pending = (...messages: InboxMessage[]): Pending => {
  const made = new Pending();
  made.add(messages, 0);
  return made;
};
/** Note and findings of each call that is due, until none is. */
const calls = (from: Pending, now = 0, all = true) => {
  const taken: [string | undefined, string[]][] = [];
  for (let call = from.take(now, all); call; call = from.take(now, all))
    taken.push([call.update?.note, call.findings.map(({ id }) => id)]);
  return taken;
};

describe('updates of findings', () => {
  it('are made apart for different notes', () => {
    expect(calls(pending(archive('a', 'one'), archive('b', 'two'), archive('c', 'one')))).toEqual([
      ['one', ['a', 'c']],
      ['two', ['b']],
    ]);
  });
  it('name a finding once, and remember every message that asked', () => {
    const [first, second] = [archive('a', 'one'), archive('a', 'one')];
    const call = pending(first, second).take(0, true)!;
    expect(call.findings).toHaveLength(1);
    expect(call.findings[0]).toMatchObject({ id: 'a', productArn: 'p', messages: [first, second] });
  });
  it('are not made for records, which are gathered all the same', () => {
    expect(calls(pending(record('a'), record('b')))).toEqual([[undefined, ['a', 'b']]]);
  });
  it('are a hundred a call', () => {
    expect(calls(pending(...archives(250, 'one'))).map(([, findings]) => findings.length)).toEqual([100, 100, 50]);
  });
});

describe('while findings keep coming', () => {
  it('a full group is due at once, another one waits', () => {
    const both = pending(archive('a', 'two'), ...archives(130, 'one'));
    expect(calls(both, 0, false).map(([note, findings]) => [note, findings.length])).toEqual([['one', 100]]);
    expect(both.isEmpty).toBe(false);
  });
  it('a group that is not full is due when its oldest finding has waited for long enough', () => {
    const waits = pending(archive('a', 'one'));
    waits.add([archive('b', 'one')], LONGEST_WAIT - 1);
    expect(calls(waits, LONGEST_WAIT - 1, false)).toEqual([]);
    expect(calls(waits, LONGEST_WAIT, false)).toEqual([['one', ['a', 'b']]]);
  });
  it('the one that waits for longest is first, so that none starves', () => {
    const made = pending(archive('old', 'small'));
    made.add(archives(200, 'large'), 10);
    expect(calls(made, LONGEST_WAIT, false).map(([note]) => note)).toEqual(['small', 'large', 'large']);
  });
});

it('counts its messages, also of what is taken and comes back', () => {
  const made = pending(archive('a', 'one'), archive('a', 'one'), archive('b', 'two'));
  expect(made.messages).toBe(3);
  const { update, findings } = made.take(0, true)!;
  expect(made.messages).toBe(1);
  made.giveBack(update, findings);
  expect(made.messages).toBe(3);
});

describe('a finding that came back from a call', () => {
  it('joins the next call of its group, with the messages that came meanwhile', () => {
    const made = pending(archive('a', 'one'));
    const { update, findings } = made.take(0, true)!;
    expect(made.isEmpty).toBe(true);
    const [again, other] = [archive('a', 'one'), archive('b', 'one')];
    made.add([other, again], 5);
    made.giveBack(update, findings);
    const next = made.take(5, true)!;
    expect(next.findings.map(({ id, returned, messages }) => [id, returned, messages.length])).toEqual([
      ['b', 0, 1],
      ['a', 1, 2],
    ]);
  });
  it('leaves no empty group behind where none came back', () => {
    const made = pending(archive('a', 'one'));
    made.giveBack(made.take(0, true)!.update, []);
    expect(made.isEmpty).toBe(true);
    expect(made.take(0, true)).toBeUndefined();
  });
});
