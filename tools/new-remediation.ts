/**
 * `npm run new:remediation -- ec2/do-this --control EC2.99`: a folder that passes every law at once, and its two lines in the
 * registry and in the cases.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { documentationOf } from '../cli/catalogue/catalogue.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import type { Remediation } from '../functions/contract/remediation.ts';
import { variableName, withLine } from './registry-lines.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REMEDIATIONS = join(ROOT, 'functions/remediations');
const TEMPLATE = join(ROOT, 'tools/templates/remediation');
const FILES = ['index.ts', 'scenarios.ts', 'readme.md'] as const;
const USAGE =
  'npm run new:remediation -- <service>/<verb-thing> --control <control>   (ec2/close-ports --control EC2.99)';

/** Its function is named `suture-remediation-<service>-<verb-thing>`, and Lambda takes 64 characters. */
const LONGEST_ID = 45;

export type Asked = { readonly id: string; readonly control: string };

/** @throws UsageError saying what is wrong with the name or the control */
export function check({ id, control }: Asked, remediations: readonly Remediation[]): void {
  if (!/^[a-z][a-z0-9]*\/[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id))
    throw new UsageError(
      `"${id}" is not <service>/<verb-thing> in lower-case letters and digits, such as ec2/close-ports.`,
    );
  if (id.length > LONGEST_ID)
    throw new UsageError(
      `"${id}" has ${id.length} characters. ${LONGEST_ID} is the most: the function is named after it.`,
    );
  if (!/^[A-Z][A-Za-z0-9]{0,39}\.[1-9]\d{0,2}$/.test(control))
    throw new UsageError(`"${control}" is not the name of a Security Hub control, such as EC2.99.`);
  const handling = remediations.find(({ handles }) => handles.controls.includes(control));
  if (handling) throw new UsageError(`${control} is handled by ${handling.id} already.`);
  if (existsSync(join(REMEDIATIONS, id)))
    throw new UsageError(`functions/remediations/${id} exists already. Nothing was written.`);
}

async function write(asked: Asked): Promise<void> {
  const texts = await Promise.all(FILES.map((file) => readFile(join(TEMPLATE, file), 'utf8')));
  const lists = await Promise.all(
    ['registry.generated.ts', 'scenarios.generated.ts'].map(async (file) => ({
      file,
      text: await readFile(join(REMEDIATIONS, file), 'utf8'),
    })),
  );
  const extended = lists.map(({ file, text }) => ({ file, text: withLine(text, asked.id) }));
  const folder = join(REMEDIATIONS, asked.id);
  await mkdir(folder, { recursive: true });
  for (const [n, file] of FILES.entries()) await writeFile(join(folder, file), filled(texts[n]!, asked));
  for (const { file, text } of extended) await writeFile(join(REMEDIATIONS, file), text);
}

/** The template is a module that compiles where it lies; only its names and the way to the contract differ. */
function filled(text: string, { id, control }: Asked): string {
  return text
    .replaceAll('../../../functions/contract/', '../../../contract/')
    .replaceAll(documentationOf('EC2.99'), documentationOf(control))
    .replaceAll('EC2.99', control)
    .replaceAll('service/verb-thing', id)
    .replaceAll('verbThing', variableName(id));
}

function leftToDo({ id, control }: Asked): string {
  return `functions/remediations/${id} holds a toy that passes every law. Left to do:

1. Make it close ${control} (${documentationOf(control)}):
   scenarios.ts first, what is at fault and what must become of it; then index.ts and readme.md.
2. Prove it, and write the generated pages anew:
   npm test -- test/laws -t '${id}' && npm run generate`;
}

function parsed(): Asked {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { control: { type: 'string' } } });
    const [id, ...more] = positionals;
    if (!id || more.length > 0 || !values.control) throw new Error('One remediation and one control must be named.');
    return { id, control: values.control };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  try {
    const asked = parsed();
    const { remediations } = await import('../functions/remediations/registry.generated.ts');
    check(asked, remediations);
    await write(asked);
    console.log(leftToDo(asked));
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
