import type { EventName } from '../../functions/domain/events.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';

export type RecordedEvent = { readonly name: EventName; readonly detail: any };

/** Records the events that Suture puts on its bus. Each try counts. */
export function eventRecorder(): { readonly events: RecordedEvent[]; readonly rule: FaultRule } {
  const events: RecordedEvent[] = [];
  const rule: FaultRule = ({ operation, input }) => {
    if (operation !== 'PutEvents') return undefined;
    for (const { DetailType, Detail } of input.Entries as { DetailType: EventName; Detail: string }[])
      events.push({ name: DetailType, detail: JSON.parse(Detail) });
    return undefined;
  };
  return { events, rule };
}
