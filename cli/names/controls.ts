/** The controls that people may name: those that Suture handles, and others of Security Hub. */
import { suggestion } from '../../functions/domain/nearest.ts';
import { SECURITY_HUB_CONTROLS } from '../../functions/domain/security-hub-controls.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';

const HANDLED = DECLARATIONS.flatMap(({ handles }) => handles.controls as readonly string[]);
const KNOWN = [...new Set([...HANDLED, ...SECURITY_HUB_CONTROLS])];
const BY_LOWER_CASE = new Map(KNOWN.map((control) => [control.toLowerCase(), control]));

/** Returns the control as AWS writes it, if it is known in any case; else the text itself. */
export const canonicalControl = (text: string): string => BY_LOWER_CASE.get(text.toLowerCase()) ?? text;

export const isKnownControl = (control: string): boolean => BY_LOWER_CASE.has(control.toLowerCase());

/** Returns a sentence about a control that AWS has and Suture does not handle; undefined for any other. */
export const notHandledText = (control: string): string | undefined =>
  isKnownControl(control) && !HANDLED.includes(canonicalControl(control))
    ? `Suture does not handle ${canonicalControl(control)}.`
    : undefined;

/** Returns an error for a control that Suture does not handle. */
export const notFoundText = (control: string): string => {
  const known = notHandledText(control);
  return known ? `${known} The controls that it handles: suture catalogue` : unknownControlText(control);
};

/** Returns an error such as `There is no control "EC2.113"; did you mean EC2.13?` */
export const unknownControlText = (control: string): string =>
  `There is no control "${control}"${suggestion(control, KNOWN) || '.'} The controls that Suture handles: suture catalogue`;
