/** Resources of member accounts that a control finds faulty, and the findings about them. */
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { type ControlFinding, controlFinding } from './finding.ts';
import { makeFaultyResource } from './make-faulty-resource.ts';
import type { RunningOrganization } from './organization.ts';

export type ArrangedPlace = { readonly account: string; readonly region: string };

/**
 * Creates the resource of a control's scenario, by default the faulty one. Returns the finding about it, which Security
 * Hub does not have yet.
 * @param name of the resource, where it takes one
 */
export async function arrangeFinding(
  { sandbox, context: { partition } }: Pick<RunningOrganization, 'sandbox' | 'context'>,
  control: string,
  name: string,
  { account, region, scenario }: ArrangedPlace & { readonly scenario?: string },
): Promise<ControlFinding> {
  const place = { partition, account, region };
  const scenarios = scenariosOf(control);
  const resource = await makeFaultyResource(sandbox, scenarios, place, control, name, scenario);
  const at = new Date(sandbox.kernel.clock.now());
  const { title } = scenarios.remediation;
  return controlFinding({ control, account, region, resource, name: sandbox.kernel.uuid(), title, at });
}
