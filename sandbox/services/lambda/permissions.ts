/** AWS::Lambda::Permission adds a statement to the policy of a function, a version or an alias. */
import type * as z from 'zod';
import { asList, type ConditionElement, type IamPolicy, type IamStatement } from '../../authorization/policy.ts';
import type { Kernel, ResourceType } from '../../kernel/kernel.ts';
import { bindPolicy, unbindPolicy } from '../iam/bound-policy.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { invalidParameterValue, parseFunctionName, resolveFunction } from './function-reference.ts';
import { permissionProperties } from './properties.ts';
import type { LambdaFunction, LambdaState } from './state.ts';

export const permissionResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::Permission': {
    create: (input, at, resource) => {
      const properties = parseProperties('AWS::Lambda::Permission', permissionProperties, input, resource);
      const { fn, reference } = resolveFunction(at.kernel, parseFunctionName(at, properties.FunctionName));
      const sid = physicalName(at.kernel, resource, '', 100);
      const policy = fn.policies.get(reference.qualifier ?? '') ?? [];
      fn.policies.set(reference.qualifier ?? '', [
        ...policy,
        storedStatement(at.kernel, fn, permissionStatement(sid, reference.arn, at.partition, properties)),
      ]);
      return { ref: sid, attributes: { Id: sid } };
    },
    update: (existing, input, at, resource) => {
      const properties = parseProperties('AWS::Lambda::Permission', permissionProperties, input, resource);
      const { fn, reference } = resolveFunction(at.kernel, parseFunctionName(at, properties.FunctionName));
      const others = (fn.policies.get(reference.qualifier ?? '') ?? []).filter(({ Sid }) => Sid !== existing.ref);
      fn.policies.set(reference.qualifier ?? '', [
        ...others,
        storedStatement(at.kernel, fn, permissionStatement(existing.ref, reference.arn, at.partition, properties)),
      ]);
      return existing;
    },
    remove: (existing, at) => {
      for (const { policies } of at.state.functions.values()) {
        for (const [qualifier, statements] of policies) {
          policies.set(
            qualifier,
            statements.filter(({ Sid }) => Sid !== existing.ref),
          );
        }
      }
    },
  },
};

/** Returns the statement in Lambda's form: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html */
export const permissionStatement = (
  sid: string,
  resource: string,
  partition: string,
  properties: z.infer<typeof permissionProperties>,
): IamStatement => {
  const condition = conditionOf(properties);
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: principalOf(properties.Principal, partition),
    Action: properties.Action,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
};

const policyOf = (statements: readonly IamStatement[]): IamPolicy => ({
  Version: '2012-10-17',
  Id: 'default',
  Statement: statements,
});

/** Returns the statement as Lambda stores it: with the unique ids of roles and users. */
export function storedStatement(kernel: Kernel, fn: LambdaFunction, statement: IamStatement): IamStatement {
  const { document, names } = bindPolicy(kernel, policyOf([statement]), () =>
    invalidParameterValue('The provided principal was invalid. Please check the principal and try again.'),
  );
  for (const [id, arn] of names) fn.principals.set(id, arn);
  return asList(document.Statement)[0]!;
}

export const shownPolicy = (kernel: Kernel, fn: LambdaFunction, statements: readonly IamStatement[]): IamPolicy =>
  unbindPolicy(kernel, { document: policyOf(statements), names: fn.principals });

const principalOf = (principal: string, partition: string): NonNullable<IamStatement['Principal']> => {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${partition}:iam::${principal}:root` };
  return /^(arn:|AROA|AIDA)/.test(principal) ? { AWS: principal } : { Service: principal };
};

const conditionOf = (properties: z.infer<typeof permissionProperties>): ConditionElement => {
  const equals = {
    ...(properties.SourceAccount && { 'AWS:SourceAccount': properties.SourceAccount }),
    ...(properties.PrincipalOrgID && { 'aws:PrincipalOrgID': properties.PrincipalOrgID }),
    ...(properties.FunctionUrlAuthType && { 'lambda:FunctionUrlAuthType': properties.FunctionUrlAuthType }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(properties.SourceArn && { ArnLike: { 'AWS:SourceArn': properties.SourceArn } }),
    ...(properties.InvokedViaFunctionUrl && { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
  };
};
