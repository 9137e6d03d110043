import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { parseReason } from '../options/reason.ts';
import { SWITCH_EXIT_CODES, SWITCH_OPTIONS, type SwitchOptions } from '../options/switch.ts';
import { confirm } from '../output/confirm.ts';
import { rangesText, stopText } from '../output/stop-text.ts';

export type StopOptions = SwitchOptions & { readonly all?: boolean };

export default defineCommand<StopOptions>({
  name: 'stop',
  heading: 'Decide',
  summary: 'stop every change in every account within seconds',
  options: [...SWITCH_OPTIONS, { flags: '--all', text: 'stop address ranges too, also new ones that AWS publishes' }],
  notes:
    'Without --all, the updater of address ranges revokes nothing and applies no proposal, but lets in what AWS publishes:\n' +
    'otherwise AWS services would be shut out. A later stop --all widens a stop.',
  examples: ['suture stop --reason "looking into changes in 333333333333"'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: SWITCH_EXIT_CODES,
  run: (options) => stopCommand(options),
});

export async function stopCommand({ json, reason, yes, all, ledger, announce }: StopOptions): Promise<string> {
  const trimmed = parseReason(reason ?? '', 'looking into changes in 333333333333');
  await announce?.();
  const { stopsClient } = await import('../clients/stops.ts');
  const stops = ledger ?? stopsClient();
  if (!yes) await stops.requirePermission('stop');
  await confirm('Stop Suture? Nothing is planned or changed any more in any account, until somebody resumes it.', {
    yes,
    refusal: 'Nothing was changed.',
  });
  const changed = await stops.stop(trimmed, all);
  const stopped = await stops.stopped();
  if (json) return JSON.stringify({ changed, stopped }, null, 2);
  const since = stopped ? stopText(stopped) : 'but somebody has resumed it since';
  if (!changed) return `Suture was stopped already, ${since}. Nothing was changed.`;
  return [
    `Suture is stopped ${since}.`,
    'Running attempts end within 5 minutes. Every other attempt fails with Stopped from now on, and can be replayed.',
    ...(stopped ? rangesText(stopped) : []),
    'To resume: suture resume --reason "…"',
  ].join('\n');
}
