/** Faults of a remediation's facts: the form that people, policy and AWS need. Suture's own and those of packages. */
import type * as z from 'zod';
import { type Remediation, Risk } from '../functions/contract/remediation.ts';
import { DEFAULT_PREFIX, type InstallationId, namesOf } from '../functions/domain/names.ts';
import { readPermissions, undoPermissions } from '../functions/domain/permissions.ts';

const MAX_NAME_LENGTH = 64;

/** The member of the remediation, as the text that begins its line in the module's file, and what is wrong with it. */
export type FactFault = readonly [member: string, message: string];

export const factFaults = (remediation: Remediation): FactFault[] => [
  ...textFaults(remediation),
  ...parameterFaults(remediation),
  ...nameFaults(remediation),
];

type Handler = Pick<Remediation, 'id' | 'handles'>;

/** Returns a fault for each control that another remediation handles too. Which of the two is wrong, nobody can tell. */
export const sharedControlFaults = ({ id, handles }: Handler, all: readonly Handler[]): FactFault[] =>
  handles.controls.flatMap((control): FactFault[] => {
    const others = all.filter((each) => each.id !== id && each.handles.controls.includes(control));
    if (others.length === 0) return [];
    const handlers = [id, ...others.map((each) => each.id)].join(' and ');
    return [['handles:', `${handlers} both handle ${control}: each control has one remediation. Take it out of one`]];
  });

function textFaults(remediation: Remediation): FactFault[] {
  const { title, handles, risk } = remediation;
  const faults: FactFault[] = [];
  if (!/^[A-Z].{4,78}[^.]$/.test(title))
    faults.push(['title:', `the title "${title}" needs a capital, no full stop, and 6 to 80 characters`]);
  if (!Risk.options.includes(risk))
    faults.push(['risk:', `the risk is "${risk}", not one of ${Risk.options.join(', ')}`]);
  if (handles.controls.length === 0 && !handles.threats) faults.push(['handles:', 'handles no control']);
  for (const control of handles.controls)
    if (!/^[A-Z][A-Za-z0-9]{0,39}\.[1-9]\d{0,2}$/.test(control))
      faults.push(['handles:', `"${control}" is not the name of a Security Hub control, such as EC2.13`]);
  for (const { actions, because } of [...readPermissions(remediation), ...undoPermissions(remediation)])
    if (because.trim() === '') faults.push(['reads:', `the permission for ${actions.join(', ')} needs a because`]);
  return faults;
}

function parameterFaults({ params, controlParams = {} }: Remediation): FactFault[] {
  const missing = Object.keys((params as z.ZodObject).def.shape).filter((name) => !Object.hasOwn(controlParams, name));
  const faults = missing.map(
    (name): FactFault => [
      'params:',
      `controlParams lacks ${name}: say what the control requires and which values ask for more, or 'own' if the control has no such parameter`,
    ],
  );
  if (params.safeParse({}).success) return faults;
  return [
    ...faults,
    ['params:', 'a parameter has no default: use that of AWS, because policy may name a control alone'],
  ];
}

const nameFaults = (remediation: Remediation): FactFault[] =>
  longNames(remediation, { prefix: DEFAULT_PREFIX }).map((name) => [
    'id:',
    `the name ${name} has ${name.length} characters. ${MAX_NAME_LENGTH} is the most`,
  ]);

/** Names of the remediation's roles and functions that IAM and Lambda would refuse. */
function longNames({ id }: Remediation, installation: InstallationId): string[] {
  const { executionRole, remediationFunction, rollbackFunction } = namesOf(installation);
  return [executionRole, remediationFunction, rollbackFunction]
    .map((nameOf) => nameOf(id))
    .filter(({ length }) => length > MAX_NAME_LENGTH);
}

/** @throws Error if the installation's prefix is too long for a name */
export function checkNameLengths(remediations: readonly Remediation[], { prefix }: InstallationId): void {
  const tooLong = remediations.flatMap((each) => longNames(each, { prefix }));
  if (tooLong.length === 0) return;
  const surplus = Math.max(...tooLong.map(({ length }) => length)) - MAX_NAME_LENGTH;
  throw new Error(
    `context.suture.prefix is "${prefix}": expected at most ${prefix.length - surplus} characters; IAM and Lambda allow ${MAX_NAME_LENGTH} in ${tooLong.join(', ')}.`,
  );
}
