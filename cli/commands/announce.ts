import type { SutureApi } from '../clients/api.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption } from '../options/standard.ts';

export type AnnounceOptions = {
  readonly json?: boolean;
  readonly api?: SutureApi;
  readonly announce?: () => Promise<void>;
};

const MAX_LENGTH = 300;

export default defineCommand<AnnounceOptions, [words: string]>({
  name: 'announce',
  heading: 'Decide',
  summary: "tell everybody who gets Suture's alarms something, or try whether messages arrive",
  arguments: [{ name: '<words>', text: `1 to ${MAX_LENGTH} characters` }],
  options: [jsonOption('one JSON object: announced')],
  notes: 'The message has your name, and the audit trail has a line. It goes to the topic suture-alarms.',
  examples: ['suture announce "A test: please tell me if you can read this."'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options, words) => announceCommand(words, options),
});

export async function announceCommand(text: string, { json, api, announce }: AnnounceOptions): Promise<string> {
  const words = text.trim();
  if (words === '' || words.length > MAX_LENGTH)
    throw new UsageError(`<words> has ${words.length} characters; write 1 to ${MAX_LENGTH}.`);
  await announce?.();
  const { sutureApi } = await import('../clients/api.ts');
  const { installedNames } = await import('../clients/installed-names.ts');
  await (api ?? (await sutureApi())).call('announce', { body: { words } });
  return json
    ? JSON.stringify({ announced: words })
    : `Sent to the topic ${installedNames().alarmTopic}. It arrives within a minute.`;
}
