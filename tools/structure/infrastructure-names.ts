/** Checks the names of CloudFormation and Terraform by which remediations tell owners a change. */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type OwnerWords, propertyOf } from '../../functions/remediations/kit/owner-language.ts';
import { cloudFormationTypeExists, similarTypes, unknownProperty } from '../cloudformation-types.ts';
import { lineAt, type StructureFault } from './fault.ts';
import type { SourceFile } from './source-files.ts';

/** The beginning of a name that `npm run new:resource-type` guessed. */
export const NOT_CHECKED = 'not checked: ';
const TERRAFORM_PAGES = 'https://registry.terraform.io/providers/hashicorp/aws/latest/docs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = 'functions/remediations/';

/** Exports of a file that have names of CloudFormation and Terraform: resource types, and tables for `declaredChange`. */
export type ExportedWords = { readonly path: string; readonly words: readonly OwnerWords[] };

export const infrastructureNameFaults = (
  files: readonly SourceFile[],
  exported: readonly ExportedWords[] = [],
): StructureFault[] => {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return [
    ...files
      .filter(({ path }) => path.startsWith(FOLDER))
      .flatMap((file) => [...guessFaults(file), ...typeFaults(file)]),
    ...exported.flatMap(({ path, words }) => [
      ...hiddenWordsFaults(path, texts.get(path) ?? '', words),
      ...words.flatMap((each) => propertyFaults(path, texts.get(path) ?? '', each)),
    ]),
  ];
};

/** Loads those files of remediations that name a type of CloudFormation. */
export const loadExportedWords = (files: readonly SourceFile[]): Promise<ExportedWords[]> =>
  Promise.all(
    files
      .filter(({ path, text }) => path.startsWith(FOLDER) && NAMED_TYPE.test(text))
      .filter(({ path }) => !path.endsWith('.generated.ts'))
      .map(async ({ path }) => {
        const values: unknown[] = Object.values(await import(pathToFileURL(join(ROOT, path)).href));
        return { path, words: values.filter(isOwnerWords) };
      }),
  );

const NAMED_TYPE = /\bcloudFormation: '(\w+::[^']*)'/;

const isOwnerWords = (value: unknown): value is OwnerWords =>
  typeof value === 'object' && value !== null && 'cloudFormation' in value && 'attributes' in value;

/** Only exports can be loaded and checked. */
const hiddenWordsFaults = (path: string, text: string, words: readonly OwnerWords[]): StructureFault[] =>
  [...text.matchAll(new RegExp(NAMED_TYPE, 'g'))]
    .filter(([, type]) => !words.some(({ cloudFormation }) => cloudFormation === type))
    .map(({ index, 1: type }) => ({
      path,
      line: lineAt(text, index),
      message: `export the object that names ${type}, so that its properties are checked`,
    }));

function propertyFaults(
  path: string,
  text: string,
  { cloudFormation: type, attributes }: OwnerWords,
): StructureFault[] {
  if (type === null || !cloudFormationTypeExists(type)) return [];
  return Object.keys(attributes).flatMap((attribute) => {
    const property = propertyOf(attributes, attribute);
    const unknown = property === null || property.startsWith(NOT_CHECKED) ? undefined : unknownProperty(type, property);
    if (!unknown) return [];
    const { name, likeliest } = unknown;
    const whole = name === property ? '' : ` of ${property}`;
    const nearest = likeliest.length > 0 ? `. The nearest: ${likeliest.join(', ')}` : '';
    const how = `The attribute's own name is the default: ${attribute}: { cloudFormation: '…' } names another, null says that there is none`;
    const message = `the attribute ${attribute} names a property that ${type} does not have: ${name}${whole}${nearest}. ${how}`;
    return [{ path, line: lineOfAttribute(text, attribute), message }];
  });
}

const lineOfAttribute = (text: string, attribute: string): number => {
  const index = text.search(new RegExp(`^\\s*(['"]?)${attribute.replaceAll('.', '\\.')}\\1: \\{`, 'm'));
  return index < 0 ? 1 : lineAt(text, text.indexOf(attribute, index));
};

const guessFaults = ({ path, text }: SourceFile): StructureFault[] =>
  [...text.matchAll(new RegExp(`(\\w+): '${NOT_CHECKED}([^']*)'`, 'g'))].map(({ index, 1: member, 2: guess }) => ({
    path,
    line: lineAt(text, index),
    message: `${member} is a guess, "${guess}": look it up ${
      member === 'terraform' ? `at ${TERRAFORM_PAGES}` : "on CloudFormation's page of the type"
    }, and write its name, or null if there is none`,
  }));

const typeFaults = ({ path, text }: SourceFile): StructureFault[] =>
  [...text.matchAll(new RegExp(NAMED_TYPE, 'g'))].flatMap(({ index, 1: type = '' }) =>
    cloudFormationTypeExists(type)
      ? []
      : [
          {
            path,
            line: lineAt(text, index),
            message: `CloudFormation has no type ${type}. The nearest: ${similarTypes(type).join(', ')}; null if there is none`,
          },
        ],
  );
