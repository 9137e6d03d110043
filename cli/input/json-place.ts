/** Finds the place at which a text stops being JSON: the message of Node often has none. */

/**
 * Returns the file's name with the line, and the problem in one line.
 * @param error of `JSON.parse`
 */
export function jsonProblem(name: string, text: string, error: unknown): string {
  const whole = text.trimEnd();
  const end = endOfValidPart(whole);
  const problem = (error as Error).message.replaceAll(/\s+/g, ' ');
  if (end === whole.length) return `${name} is not JSON, at the end of the file: ${problem}`;
  return `${name}:${whole.slice(0, end + 1).split('\n').length} is not JSON: ${problem}`;
}

/** Returns how many characters could begin a document: the whole length if only the rest of it is missing. */
function endOfValidPart(text: string): number {
  let valid = 0;
  let invalid = text.length + 1;
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (canContinue(text.slice(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

function canContinue(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const [, position] = /position (\d+)/.exec(message) ?? [];
    return position === undefined ? /Unexpected end/.test(message) : Number(position) >= beginning.length;
  }
}
