/** Reads a document's text, which is untrusted input: it came over the network, or from a person. */
import { Document, tokenOf } from '../planning/document.ts';

/** @throws Error that says what the text is instead */
export function parseDocument(text: string): Document {
  const parsed = Document.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`it is not in the published format: ${problems.join('; ')}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const start = text.slice(0, 40).replace(/\s+/g, ' ');
    throw new Error(`it is not JSON: ${text.length} characters that begin with "${start}", or were cut off`);
  }
}

/**
 * Refuses a document that is dated in the future: every later one would look older.
 * @throws Error that says how far ahead it is
 */
export function checkAge(document: Pick<Document, 'syncToken'>, nowMs: number): void {
  const aheadHours = (tokenOf(document) - nowMs / 1000) / 3600;
  if (aheadHours > 24)
    throw new Error(`its syncToken ${document.syncToken} is ${Math.floor(aheadHours)} hours ahead of the clock`);
}
