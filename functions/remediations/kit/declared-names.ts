/** Names in a declaration that do not exist. The compiler finds them too, but a proof runs without it. */

/** `wrong` is the name, `names` are those that it may be instead. */
export class WrongNameError extends Error {
  override readonly name = 'WrongNameError';
  readonly wrong: string;
  readonly names: readonly string[];
  constructor(message: string, wrong: string, names: readonly string[]) {
    super(message);
    this.wrong = wrong;
    this.names = names;
  }
}

/**
 * Checks the keys of a part of a declaration.
 * @param part as the message names it: `wants of rds/protect-instances`
 * @param kind of the names, with its article: `an attribute of its resource type`
 * @throws WrongNameError for the first key that is not among `names`
 */
export function checkNames(part: string, kind: string, keys: readonly string[], names: readonly string[]): void {
  const wrong = keys.find((key) => !names.includes(key));
  if (wrong === undefined) return;
  throw new WrongNameError(`${part}: ${wrong} is not ${kind}. There are: ${names.join(', ')}.`, wrong, names);
}

/** @throws WrongNameError for the first of `names` that is missing */
export function checkPresent(part: string, kind: string, keys: readonly string[], names: readonly string[]): void {
  const missing = names.find((name) => !keys.includes(name));
  if (missing === undefined) return;
  throw new WrongNameError(`${part}: ${kind} ${missing} is missing.`, missing, []);
}
