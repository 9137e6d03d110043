import { describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../../functions/contract/case.ts';
import { groupsIn, type Message } from '../../../functions/finding-updates/batch.ts';

let made = 0;
const archive = (id: string, note: string): Message => ({
  id: `message-${made++}`,
  body: {
    kind: 'archive',
    token: 't',
    case: { v: 1, execution: 'e', started: 's', route: 'archive', reason: 'r', note, finding: { id, productArn: 'p' } },
  } as QueueMessage,
});

describe('updates of findings', () => {
  it('are made apart for different notes', () => {
    const groups = groupsIn([archive('a', 'one'), archive('b', 'two'), archive('c', 'one')]);
    expect(groups.map(({ update, findings }) => [update.note, findings.map(({ id }) => id)])).toEqual([
      ['one', ['a', 'c']],
      ['two', ['b']],
    ]);
  });
  it('name a finding once, and remember every message that asked', () => {
    const [first, second] = [archive('a', 'one'), archive('a', 'one')];
    const groups = groupsIn([first, second]);
    expect(groups).toHaveLength(1);
    expect(groups[0]!.findings).toEqual([{ id: 'a', productArn: 'p', messages: [first, second] }]);
  });
  it('are not made for records', () => {
    const record = { ...archive('a', 'one'), body: { ...archive('a', 'one').body, kind: 'record' } as QueueMessage };
    expect(groupsIn([record])).toEqual([]);
  });
});
