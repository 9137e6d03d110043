/** The text of an explanation. */
import { MANAGERS, type ManagedAction, type ManagedActions, type Manager } from '../../functions/domain/managed.ts';
import { plainText } from '../../functions/domain/plain-text.ts';
import { daysText } from '../../functions/triage/grace.ts';
import { colour } from '../output/terminal.ts';
import type { Explanation } from './explanation.ts';
import { EFFECT_MEANINGS } from './forecast.ts';

const MANAGER_NAMES: Readonly<Record<Manager, string>> = {
  cloudformation: 'CloudFormation',
  terraform: 'Terraform',
  other: 'other code',
};

const ACTION_MEANINGS: Readonly<Record<ManagedAction, string>> = {
  fix: 'Suture changes it all the same',
  approve: 'a person is asked',
  notify: 'its owner is told at once what to change, and Suture changes nothing',
  refuse: 'it is left alone',
};

/** @param policy such as `version 3, which is deployed` */
export function explanationText(explanation: Explanation, policy: string): string {
  const { control, account, unit, severity, finding, resource } = explanation;
  const place = account === undefined ? ['in accounts that no rule names'] : [`in account ${account}`, unit ?? ''];
  const about = [control, severity ?? '', ...place].filter(Boolean).join(' ');
  return [
    colour('bold', plainText(`Under ${policy}: ${about}`)),
    ...(finding === undefined ? [] : [plainText(`${resource ?? 'no resource'}, finding ${finding}`)]),
    ...rowsOf(explanation).map(([name, text]) => `${name.padEnd(NAME_WIDTH)}  ${plainText(text)}`),
  ].join('\n');
}

const NAME_WIDTH = 'managed by code'.length;

function rowsOf(explanation: Explanation): (readonly [name: string, text: string])[] {
  const { why, modesByTag, owner, candidates, whenManagedBy, managed } = explanation;
  const tags = Object.entries(modesByTag).map(([tag, mode]) => `${tag}: ${mode}`);
  const refused = candidates.filter((each) => each.refused !== undefined);
  return [
    ['becomes', effectText(explanation)],
    ['because', why],
    ...(tags.length > 0 ? [['where tagged', tags.join(', ')] as const] : []),
    ['owner', owner ? `${owner.name}, because ${owner.because}: ${placesText(owner.places)}` : NOBODY],
    ...refused.map(
      ({ because, value, refused }) => ['', `not ${value ?? 'counted'} (${because}): ${refused}`] as const,
    ),
    ...(whenManagedBy ? [['managed by code', actionsText(whenManagedBy.actions)] as const] : []),
    ...Object.entries(whenManagedBy?.tags ?? {}).map(
      ([tag, each]) => ['', `tagged ${tag}: ${actionsText(each)}`] as const,
    ),
    ...(managed ? [['', managedText(managed)] as const] : []),
  ];
}

const NOBODY = 'nobody: add the account, its unit or a tag of the resource to owners in policy.yaml';

const placesText = (places: NonNullable<Explanation['owner']>['places']): string =>
  places.map(({ kind, to }) => `${kind} ${to}`).join(', ');

const THEN: Readonly<Partial<Record<Explanation['effect'], string>>> = {
  fixed: 'Suture fixes it',
  asked: 'a person is asked to approve it',
};

function effectText({ effect, graceMs, dueBy }: Explanation): string {
  const then = THEN[effect];
  if (graceMs === 0 || then === undefined) return EFFECT_MEANINGS[effect];
  if (dueBy !== undefined) return `its owner was told, and has time until ${dueBy}; then ${then}`;
  return `its owner is told first, and has ${daysText(graceMs)}; then ${then}`;
}

function actionsText(actions: ManagedActions): string {
  if (typeof actions === 'string') return ACTION_MEANINGS[actions];
  const texts = MANAGERS.flatMap((manager) =>
    actions[manager] ? [`${MANAGER_NAMES[manager]}: ${actions[manager]}`] : [],
  );
  return texts.join(', ');
}

function managedText({ by, isClaim, action }: NonNullable<Explanation['managed']>): string {
  const names = by.join(' and ');
  const found = isClaim ? `its tags claim ${names}, which the plan checks` : `the last plan found ${names}`;
  return `${found}: ${ACTION_MEANINGS[action]}`;
}
