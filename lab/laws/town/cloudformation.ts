/** A stack that nobody protects and others import from, and one that is deleted. */
import type { TownBuilder } from './site.ts';

export const buildCloudformation: TownBuilder = async ({ call }) => {
  const Resources = { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } };
  const Outputs = { Town: { Value: 'town', Export: { Name: 'town' } } };
  const Tags = [{ Key: 'owner', Value: 'town' }];
  await call('CreateStack', { StackName: 'town', TemplateBody: JSON.stringify({ Resources, Outputs }), Tags });
  await call('CreateStack', { StackName: 'left', TemplateBody: JSON.stringify({ Resources }) });
  await call('DeleteStack', { StackName: 'left' });
};
