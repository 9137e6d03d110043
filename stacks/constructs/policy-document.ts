import { Aws } from 'aws-cdk-lib';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  '${AWS::Partition}': Aws.PARTITION,
  '${AWS::AccountId}': Aws.ACCOUNT_ID,
};

/** Replaces placeholders by CloudFormation's pseudo parameters; keeps policy variables. */
export const templatePolicy = ({ Version, Statement }: PolicyDocument): object => ({
  Version,
  Statement: Statement.map(({ Resource, Condition, ...statement }) => ({
    ...statement,
    Resource: [Resource].flat().map(render),
    ...(Condition && { Condition: mapValues(Condition, (values) => mapValues(values, renderAll)) }),
  })),
});

const mapValues = <V, W>(members: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));

const renderAll = (values: string | readonly string[]) =>
  typeof values === 'string' ? render(values) : values.map(render);

const render = (resource: string) =>
  Object.entries(PSEUDO_PARAMETERS).reduce((text, [name, token]) => text.replaceAll(name, token), resource);

export const wildcardsOf = ({ Statement }: PolicyDocument): string[] =>
  Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, Resource }) => [
    ...[Action].flat().flatMap((action) => (action.includes('*') ? [`Action::${action}`] : [])),
    ...[Resource].flat().flatMap((resource) => (resource.includes('*') ? [`Resource::${asNagNames(resource)}`] : [])),
  ]);

const asNagNames = (resource: string) => resource.replace(/\$\{(AWS::\w+)\}/g, '<$1>');
