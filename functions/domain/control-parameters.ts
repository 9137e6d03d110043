/**
 * Policy's parameters against those of the control. A value that asks for less than the control never ends the finding:
 * the resource is left as it is, and the control fails again.
 */
import type { ControlParameter, ControlValue } from '../contract/remediation.ts';
import type { RemediationDeclaration } from './declaration.ts';
import type { Finding } from './finding.ts';

const isLaxer: Readonly<
  Record<ControlParameter['stricter'], (value: ControlValue, required: ControlValue) => boolean>
> = {
  more: (value, required) => Number(value) < Number(required),
  less: (value, required) => Number(value) > Number(required),
  true: (value, required) => required === true && value !== true,
  fewer: (value, required) => listOf(value).some((each) => !listOf(required).includes(each)),
};

const listOf = (value: ControlValue): readonly number[] => (Array.isArray(value) ? value : []);

const parametersOf = ({ controlParams = {} }: RemediationDeclaration): [string, ControlParameter][] =>
  Object.entries(controlParams).filter((entry): entry is [string, ControlParameter] => entry[1] !== 'own');

export type LaxParameter = { readonly name: string; readonly value: ControlValue; readonly message: string };

/** Returns policy's parameters that a control never accepts. Those that organizations may change are not among them. */
export function laxParameters(
  declaration: RemediationDeclaration,
  control: string,
  params: Readonly<Record<string, unknown>>,
): LaxParameter[] {
  return parametersOf(declaration).flatMap(([name, { stricter, requires, customizable }]) => {
    const [value, required] = [params[name] as ControlValue | undefined, requires[control]];
    if (value === undefined || required === undefined || customizable?.[control]) return [];
    if (!isLaxer[stricter](value, required)) return [];
    const message =
      `is ${JSON.stringify(value)}: ${control} fails again, because it requires ${limitText(stricter, required)} ` +
      'and no organization can change that';
    return [{ name, value, message }];
  });
}

const LIMIT_TEXTS: Readonly<Record<ControlParameter['stricter'], string>> = {
  more: 'at least ',
  less: 'at most ',
  true: '',
  fewer: 'nothing beyond ',
};
const limitText = (stricter: ControlParameter['stricter'], required: ControlValue): string =>
  `${LIMIT_TEXTS[stricter]}${JSON.stringify(required)}`;

/**
 * Returns why policy's parameters do not satisfy those that Security Hub has for the control, by the finding; undefined
 * if they do. Suture compares and shows the finding's values, and never writes them.
 */
export function unmetParameters(
  declaration: RemediationDeclaration,
  control: string,
  params: Readonly<Record<string, unknown>>,
  finding: Finding,
): string | undefined {
  const unmet = parametersOf(declaration).flatMap(([name, { stricter, requires, customizable }]) => {
    const hubName = customizable?.[control];
    // This control may require nothing until an organization does, so any control's value gives the form.
    const required = hubName === undefined ? undefined : hubValue(finding, hubName, Object.values(requires)[0]!);
    const value = (params[name] as ControlValue | undefined) ?? requires[control];
    if (required === undefined || (value !== undefined && !isLaxer[stricter](value, required))) return [];
    return [
      `Security Hub's parameter ${hubName} of ${control} is ${JSON.stringify(required)}, and policy's ${name} is ` +
        `${JSON.stringify(value) ?? 'not set'}: set ${name} in policy to ${limitText(stricter, required)}`,
    ];
  });
  return unmet.length > 0 ? unmet.join('; ') : undefined;
}

/** Returns the finding's value of a parameter; undefined if it has none, or one of another form. */
function hubValue({ Compliance }: Finding, name: string, form: ControlValue): ControlValue | undefined {
  const texts = Compliance?.SecurityControlParameters?.find(({ Name }) => Name === name)?.Value;
  const parts = texts?.flatMap((text) => text.split(',')).map((text) => text.trim());
  if (!parts) return undefined;
  if (typeof form === 'boolean') return { true: true, false: false }[parts.join().toLowerCase()];
  if (!parts.every((part) => /^\d{1,9}$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return Array.isArray(form) ? numbers : numbers.length === 1 ? numbers[0] : undefined;
}
