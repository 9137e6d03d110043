import { InvalidArgumentError } from 'commander';

/** @throws InvalidArgumentError, which Commander prints with the option's name */
export function parseWholeNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}
