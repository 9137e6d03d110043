import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { parseReason } from '../options/reason.ts';
import { jsonOption, REASON_OPTION, YES_OPTION } from '../options/standard.ts';
import { SWITCH_EXIT_CODES, type SwitchOptions } from '../options/switch.ts';
import { confirm } from '../output/confirm.ts';
import { stopText } from '../output/stop-text.ts';

export default defineCommand<SwitchOptions>({
  name: 'resume',
  heading: 'Decide',
  summary: 'allow changes again after a stop; somebody else than who stopped needs a second person',
  options: [
    { ...REASON_OPTION, required: true },
    YES_OPTION,
    jsonOption('one JSON object: changed, stopped, proposal'),
  ],
  examples: ['suture resume --reason "the template is corrected"'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { ...SWITCH_EXIT_CODES, 0: 'it is so (also when it was before), or it is proposed' },
  run: (options) => resumeCommand(options),
});

/**
 * Changes nothing if Suture is not stopped.
 * @throws Failure if it was stopped again meanwhile
 */
export async function resumeCommand({ json, reason, yes, ledger, announce }: SwitchOptions): Promise<string> {
  const trimmed = parseReason(reason ?? '', 'the template is corrected');
  await announce?.();
  const { stopsClient } = await import('../clients/stops.ts');
  const stops = ledger ?? stopsClient();
  const before = await stops.stopped();
  if (!before)
    return json
      ? JSON.stringify({ changed: false, stopped: null }, null, 2)
      : 'Suture is not stopped. Nothing was changed.';
  if (!yes) await stops.requirePermission('resume');
  await confirm(`Resume Suture? It is stopped ${stopText(before)}.`, { yes, refusal: 'Nothing was changed.' });
  const { isChanged: changed, proposal } = await stops.resume(before, trimmed);
  const stopped = await stops.stopped();
  if (proposal) {
    if (json) return JSON.stringify({ changed, stopped, proposal }, null, 2);
    const { proposedText } = await import('../proposals/proposal-text.ts');
    return proposedText('Suture stays stopped, because somebody else stopped it.', proposal);
  }
  if (!changed && stopped) throw new Failure(`Suture was stopped again in the meantime, ${stopText(stopped)}.`);
  if (json) return JSON.stringify({ changed, stopped }, null, 2);
  return 'Suture makes changes again. Replay what failed meanwhile: suture replay --failed --error Stopped --reason "…"';
}
