import { Fn } from 'aws-cdk-lib';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';

/**
 * Returns the policy with its pseudo parameters in `Fn::Sub`, and IAM's policy variables as they are. It is as short as
 * possible: CloudFormation takes the member role's template inline only up to 51,200 bytes.
 */
export const templatePolicy = ({ Version, Statement }: PolicyDocument): object => ({
  Version,
  Statement: Statement.map(({ Resource, Condition, ...statement }) => ({
    ...statement,
    Resource: oneOrAll([Resource].flat().map(render)),
    ...(Condition && { Condition: mapValues(Condition, (values) => mapValues(values, renderAll)) }),
  })),
});

const oneOrAll = (values: readonly string[]) => (values.length === 1 ? values[0] : values);

const mapValues = <V, W>(members: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));

const renderAll = (values: string | readonly string[]) =>
  typeof values === 'string' ? render(values) : values.map(render);

const render = (text: string) => (text.includes('${AWS::') ? Fn.sub(text.replaceAll(/\$\{(?!AWS::)/g, '${!')) : text);

export const wildcardsOf = ({ Statement }: PolicyDocument): string[] =>
  Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, Resource }) => [
    ...[Action].flat().flatMap((action) => (action.includes('*') ? [`Action::${action}`] : [])),
    ...[Resource].flat().flatMap((resource) => (resource.includes('*') ? [`Resource::${asNagNames(resource)}`] : [])),
  ]);

const asNagNames = (resource: string) => resource.replace(/\$\{(AWS::\w+)\}/g, '<$1>');
