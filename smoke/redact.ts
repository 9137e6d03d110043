/** Replaces what identifies an organization by placeholders, the same one for the same value. */
import type { SutureContext } from '../stacks/context.ts';

type Replacement = { readonly pattern: RegExp; readonly name: string };

/** In this order: an ARN has an account, a UUID has twelve digits at its end. */
const REPLACEMENTS: readonly Replacement[] = [
  { pattern: /(?<=Encoded authorization failure message: )[\w-]+/g, name: 'message' },
  { pattern: /\barn:[\w-]+:[\w-]*:[\w-]*:[\w*-]*:[^\s"'`,;()[\]{}<>|]*[\w*/-]/g, name: 'arn' },
  { pattern: /\bhttps?:\/\/[^\s"'`<>)|]+/g, name: 'address' },
  { pattern: /[\w.+-]+@[\w-]+(\.[\w-]+)+/g, name: 'e-mail' },
  { pattern: /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, name: 'id' },
  { pattern: /\bo-[a-z0-9]{10,32}\b/g, name: 'organization' },
  { pattern: /\b(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32})\b/g, name: 'unit' },
  { pattern: /\b(AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{12,}\b/g, name: 'key' },
  { pattern: /\b(sg|sgr|vpc|vpce|subnet|eni)-[0-9a-f]{8,17}\b/g, name: 'resource' },
  { pattern: /\b\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?\b/g, name: 'ip' },
  // Times of the day have two colons, too.
  {
    pattern: /(?<![\w:])(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?=[0-9a-f:]*::)[0-9a-f:]+)(\/\d{1,3})?(?![\w:])/gi,
    name: 'ip',
  },
  { pattern: /(?<!\d)\d{12}(?!\d)/g, name: 'account' },
];

/** Returns a function that replaces values in texts, numbered in the order in which it met them. */
export function redactor(context: Pick<SutureContext, 'externalId'>): (text: string) => string {
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();
  const placeholder = (value: string, name: string): string => {
    const known = placeholders.get(value);
    if (known) return known;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const text = `<${name}-${count}>`;
    placeholders.set(value, text);
    return text;
  };
  return (text) =>
    REPLACEMENTS.reduce(
      (redacted, { pattern, name }) => redacted.replace(pattern, (value) => placeholder(value, name)),
      text.replaceAll(context.externalId, () => placeholder(context.externalId, 'external-id')),
    );
}
