/** The member role's template: as synthesized, or from a file. */

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Names } from '../../functions/domain/names.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOrUndefined } from '../input/json-or-undefined.ts';

export type RolloutTemplate = {
  readonly text: string;
  /** The file or address that texts name. */
  readonly source: string;
  /** AWS reads the template from this address, because it is too large to be sent inline. */
  readonly url?: string | undefined;
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const INLINE_TEMPLATE_BYTES = 51_200;

export const CDK_OUT: string = fileURLToPath(new URL('../../cdk.out', import.meta.url));

export type TemplateChoice = {
  readonly file?: string | undefined;
  /** The address to which the person uploaded the template. */
  readonly url?: string | undefined;
  readonly directory?: string | undefined;
};

/** @throws Failure if nothing was synthesized, or the template is too large to be sent and nobody uploaded it */
export async function readRolloutTemplate(
  { file, url, directory = CDK_OUT }: TemplateChoice,
  names: Names,
): Promise<RolloutTemplate> {
  const template = file === undefined ? await synthesized(directory, names) : await fromFile(file);
  if (url !== undefined) return { ...template, url };
  const size = Buffer.byteLength(template.text);
  if (size <= INLINE_TEMPLATE_BYTES || template.url !== undefined) return template;
  throw new Failure(
    `The template of ${template.source} has ${size} bytes, and CloudFormation takes ${INLINE_TEMPLATE_BYTES} inline. Upload it to a bucket ` +
      'that this account can read (aws s3 cp), and name its https address: --template-url.',
  );
}

async function fromFile(file: string): Promise<RolloutTemplate> {
  const template = jsonOrUndefined(await readFile(file, 'utf8'));
  if (template === undefined) throw new UsageError(`${file} is not a template in JSON.`);
  return { text: JSON.stringify(template), source: file };
}

type StackSetProperties = {
  readonly StackSetName?: string;
  readonly TemplateBody?: string;
  readonly TemplateURL?: unknown;
};

async function synthesized(directory: string, names: Names): Promise<RolloutTemplate> {
  const source = join(directory, `${names.stack('OrgRollout')}.template.json`);
  const text = await readFile(source, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Failure(`${source} does not exist. Synthesize the stacks first: npm run synth`);
  const { Resources = {} } = JSON.parse(text) as { Resources?: Record<string, { Properties?: StackSetProperties }> };
  const properties = Object.values(Resources).find(
    ({ Properties }) => Properties?.StackSetName === names.memberStackSet,
  )?.Properties;
  if (!properties) throw new Failure(`${source} has no StackSet ${names.memberStackSet}.`);
  const { TemplateBody, TemplateURL } = properties;
  if (TemplateBody !== undefined) return { text: TemplateBody, source };
  const url = typeof TemplateURL === 'string' ? TemplateURL : undefined;
  return { text: await largeTemplate(directory, names, TemplateURL), source, url };
}

/**
 * Reads a template that is too large to be inline: an asset for a delegated administrator, and the template of the stack
 * for single accounts for the management account.
 */
async function largeTemplate(directory: string, names: Names, url: unknown): Promise<string> {
  const [asset] = /[0-9a-f]{64}\.json/.exec(JSON.stringify(url)) ?? [];
  const name = asset ? `asset.${asset}` : `${names.stack('MemberRole')}.template.json`;
  return JSON.stringify(JSON.parse(await readFile(join(directory, basename(name)), 'utf8')));
}

/** Compares two templates without their white space. */
export function isSameTemplate(a: string, b: string): boolean {
  const [left, right] = [jsonOrUndefined(a), jsonOrUndefined(b)];
  return left === undefined ? a === b : isDeepStrictEqual(left, right);
}
