import { Aws } from 'aws-cdk-lib';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  '${AWS::Partition}': Aws.PARTITION,
  '${AWS::AccountId}': Aws.ACCOUNT_ID,
};

/** Replaces placeholders by CloudFormation's pseudo parameters; keeps policy variables. */
export const templatePolicy = ({ Version, Statement }: PolicyDocument): object => ({
  Version,
  Statement: Statement.map((statement) => ({ ...statement, Resource: [statement.Resource].flat().map(render) })),
});

const render = (resource: string) =>
  Object.entries(PSEUDO_PARAMETERS).reduce((text, [name, token]) => text.replaceAll(name, token), resource);

export const wildcardsOf = ({ Statement }: PolicyDocument): string[] =>
  Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, Resource }) => [
    ...[Action].flat().flatMap((action) => (action.includes('*') ? [`Action::${action}`] : [])),
    ...[Resource].flat().flatMap((resource) => (resource.includes('*') ? [`Resource::${asNagNames(resource)}`] : [])),
  ]);

const asNagNames = (resource: string) => resource.replace(/\$\{(AWS::\w+)\}/g, '<$1>');
