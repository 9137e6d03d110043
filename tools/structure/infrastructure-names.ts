/** Checks the names of CloudFormation and Terraform by which remediations tell owners a change. */
import { cloudFormationTypeExists, similarTypes } from '../cloudformation-types.ts';
import { lineAt, type StructureFault } from './fault.ts';
import type { SourceFile } from './source-files.ts';

/** The beginning of a name that `npm run new:resource-type` guessed. */
export const NOT_CHECKED = 'not checked: ';
const TERRAFORM_PAGES = 'https://registry.terraform.io/providers/hashicorp/aws/latest/docs';

export const infrastructureNameFaults = (files: readonly SourceFile[]): StructureFault[] =>
  files
    .filter(({ path }) => path.startsWith('functions/remediations/'))
    .flatMap((file) => [...guessFaults(file), ...typeFaults(file)]);

const guessFaults = ({ path, text }: SourceFile): StructureFault[] =>
  [...text.matchAll(new RegExp(`(\\w+): '${NOT_CHECKED}([^']*)'`, 'g'))].map(({ index, 1: member, 2: guess }) => ({
    path,
    line: lineAt(text, index),
    message: `${member} is a guess, "${guess}": look it up ${
      member === 'terraform' ? `at ${TERRAFORM_PAGES}` : "on CloudFormation's page of the type"
    }, and write its name, or null if there is none`,
  }));

const typeFaults = ({ path, text }: SourceFile): StructureFault[] =>
  [...text.matchAll(/\bcloudFormation: '(\w+::[^']*)'/g)].flatMap(({ index, 1: type = '' }) =>
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
