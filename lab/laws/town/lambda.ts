/** A function with a version and an alias that everybody may call. */
import type { TownBuilder } from './site.ts';

export const buildLambda: TownBuilder = async ({ call, callOther, partition, account, region }) => {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const RoleName = `town-function-${region}`;
  await callOther('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument });
  const Role = `arn:${partition}:iam::${account}:role/${RoleName}`;
  const Code = { ZipFile: new Uint8Array() };
  const Tags = { owner: 'town' };
  const FunctionName = 'town';
  await call('CreateFunction', { FunctionName, Role, Runtime: 'nodejs24.x', Handler: 'index.handler', Code, Tags });
  await call('PublishVersion', { FunctionName });
  await call('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
  const everybody = { Action: 'lambda:InvokeFunction', Principal: '*', StatementId: 'everybody' };
  for (const Qualifier of [undefined, '1', 'live'])
    await call('AddPermission', { FunctionName, Qualifier, ...everybody });
};
