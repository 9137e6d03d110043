import { setTimeout as sleep } from 'node:timers/promises';
import type { MessagePlaceState } from '../../../functions/domain/api-messages.ts';
import { hasTickets, TICKET_ACTIONS, type TicketAction } from '../../../functions/domain/message-kinds.ts';
import type { SutureApi } from '../../clients/api.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { UsageError } from '../../errors/usage-error.ts';
import { jsonOption } from '../../options/standard.ts';

export type MessagesTestOptions = {
  readonly to?: string;
  readonly action?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly api?: SutureApi;
  readonly announce?: () => Promise<void>;
  readonly progress?: (line: string) => void;
  readonly wait?: (ms: number) => Promise<unknown>;
};

/** A refusal becomes a dead letter within seconds. */
const MAX_POLLS = 10;
const POLL_MS = 3_000;
const MAX_SECONDS = (MAX_POLLS * POLL_MS) / 1000;

export default defineCommand<MessagesTestOptions, [place: string]>({
  name: 'test',
  summary: 'send a test to a place of messages, by the rules that findings go by',
  arguments: [{ name: '<place>', text: 'as `suture messages list` names it' }],
  options: [
    { flags: '--to <channel>', text: 'the channel, for a place that serves several (Slack)' },
    { flags: '--action <action>', text: `for tickets: ${TICKET_ACTIONS.join(', ')}; default: open` },
    { flags: '--dry-run', text: 'show what would be sent, and send nothing' },
    jsonOption('one JSON object: id, place, result'),
  ],
  notes: `Looks for half a minute whether the place refuses it. A place that is away or busy gets it later: EventBridge tries for a
day. All tests of a place share one ticket: close it with --action close. The audit trail has a line.
It does not ask before, and so has no --yes: a test changes no finding, and --dry-run shows where it would go.`,
  examples: ['suture messages test team-chat --to C0123456789', 'suture messages test tickets --action close'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'no refusal was seen', 1: 'the place refused it', 2: 'wrong usage' },
  run: (options, place) => messagesTestCommand(place, options),
});

export async function messagesTestCommand(name: string, options: MessagesTestOptions): Promise<CommandResult> {
  const { sutureApi } = await import('../../clients/api.ts');
  const { listMessagePlaces } = await import('../../clients/message-places.ts');
  const { TestMessageReply } = await import('../../../functions/domain/api-messages.ts');
  const action = actionOf(options.action);
  if (!options.dryRun) await options.announce?.();
  const api = options.api ?? (await sutureApi());
  const place = placeNamed(name, await listMessagePlaces(api));
  checkOptions(place, options);
  const placeText = `${name} (${place.kind}${options.to ? `, ${options.to}` : ''})`;
  if (options.dryRun) {
    const test = hasTickets(place.kind) ? `A test that is to ${action} a ticket` : 'A test message';
    return resultOf(
      options,
      { place: name, result: 'nothing sent' },
      `${test} would go to ${placeText}. Nothing was sent.`,
    );
  }
  const body = { place: name, action, ...(options.to !== undefined && { to: options.to }) };
  const { id } = TestMessageReply.parse(await api.call('testMessagePlace', { body }));
  options.progress?.(`Sent to ${placeText}. Waiting up to ${MAX_SECONDS} seconds for a refusal.`);
  const refused = await refusalOf(id, name, api, options.wait ?? sleep);
  if (refused)
    return {
      ...resultOf(options, { id, place: name, result: 'refused', ...refused }, refusedText(placeText, refused)),
      failed: true,
    };
  return resultOf(
    options,
    { id, place: name, result: 'sent' },
    `Sent to ${placeText}, and no refusal came back in ${MAX_SECONDS} seconds. Check that it arrived. If not, EventBridge tries again for a day; suture messages list shows what it gave up.`,
  );
}

const resultOf = ({ json }: MessagesTestOptions, value: object, text: string): CommandResult => ({
  text: json ? JSON.stringify(value) : text,
  failed: false,
});

const refusedText = (placeText: string, { code, error }: Refusal): string =>
  `${placeText} did not take it: ${(error || code).replace(/\.$/, '')}. What each kind of place needs: docs/messages.md. Runbook: docs/runbook.md#messages-dlq.`;

function actionOf(text = 'open'): TicketAction {
  const action = TICKET_ACTIONS.find((each) => each === text);
  if (!action) throw new UsageError(`--action is "${text}": expected ${TICKET_ACTIONS.join(', ')}.`);
  return action;
}

function placeNamed(name: string, places: readonly MessagePlaceState[]): MessagePlaceState {
  const place = places.find((each) => each.name === name);
  if (place) return place;
  const known = places.map((each) => each.name).join(', ');
  throw new UsageError(
    places.length === 0
      ? 'This installation has no places of messages. How to set one up: docs/messages.md#set-up'
      : `There is no place "${name}": there are ${known}.`,
  );
}

function checkOptions({ name, kind }: MessagePlaceState, { to, action }: MessagesTestOptions): void {
  if (kind === 'slack' && to === undefined)
    throw new UsageError(`${name} writes to the channel of each message: name one, such as --to '#team'.`);
  if (!hasTickets(kind) && action !== undefined)
    throw new UsageError(`${name} (${kind}) has no tickets: leave out --action.`);
}

type Refusal = { readonly code: string; readonly error: string };

async function refusalOf(
  id: string,
  name: string,
  api: SutureApi,
  wait: (ms: number) => Promise<unknown>,
): Promise<Refusal | undefined> {
  const { listMessagePlaces } = await import('../../clients/message-places.ts');
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    await wait(POLL_MS);
    const place = (await listMessagePlaces(api)).find((each) => each.name === name);
    const letter = place?.letters.find((each) => each.id === id);
    if (letter) return { code: letter.code, error: letter.error };
  }
  return undefined;
}
