import type { Place } from '../../functions/contract/remediation.ts';
import type { ScenarioContext } from '../../functions/contract/scenario.ts';
import type { Sandbox } from '../../sandbox/index.ts';

const DAY_MS = 86_400_000;

export const scenarioContext = (
  { kernel: { clock } }: Sandbox,
  place: Place,
  name: string,
  control: string,
): ScenarioContext<never> => ({
  ...place,
  name,
  control,
  target: undefined,
  pause: (seconds) => clock.pass(seconds * 1000),
  ago: (days, work) => clock.at(clock.now() - days * DAY_MS, work),
});
