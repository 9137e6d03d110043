/** Parses a number that somebody typed. @throws InvalidArgumentError, which Commander tells with the option's name */
import { InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
