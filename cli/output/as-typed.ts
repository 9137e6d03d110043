let translate = (text: string): string => text;

/** Names commands and pages from now on as `translation` does. Texts have commands as the installed tool takes them. */
export function typeWith(translation: (text: string) => string): void {
  translate = translation;
}

/** Names commands and pages as a person types them here. */
export const asTyped = (text: string): string => translate(text);

/**
 * Returns a translation for a clone of the repository, which has the pages as files.
 *
 * @param names the commands. Other words may follow the product's name too.
 */
export function typedInClone(names: readonly string[]): (text: string) => string {
  const options = String.raw`(?:--[a-z][\w-]*[= ]\S+ )*`;
  const commands = new RegExp(String.raw`(?<![\w/.-])suture (?=${options}(?:<command>|(?:${names.join('|')})\b))`, 'g');
  return (text) => text.replaceAll(commands, 'npm run -s suture -- ');
}
