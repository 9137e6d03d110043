/** The resource type AWS::Lambda::Permission: statements of the policy of a function, a version or an alias. */
import type * as z from 'zod';
import type { ConditionElement, IamStatement } from '../../authorization/policy.ts';
import type { ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { permissionProperties } from './properties.ts';
import type { LambdaState } from './state.ts';
import { findTarget, namedBy } from './target.ts';

export const permissionResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::Permission': {
    create: (properties, at, resource) => {
      const wanted = parseProperties('AWS::Lambda::Permission', permissionProperties, properties, resource);
      const { lambda, named } = findTarget(at.kernel, namedBy(at, wanted.FunctionName));
      const sid = physicalName(at.kernel, resource, '', 100);
      const policy = lambda.policies.get(named.qualifier ?? '') ?? [];
      lambda.policies.set(named.qualifier ?? '', [...policy, statementOf(sid, named.arn, at.partition, wanted)]);
      return { ref: sid, attributes: { Id: sid } };
    },
    update: (made, properties, at, resource) => {
      const wanted = parseProperties('AWS::Lambda::Permission', permissionProperties, properties, resource);
      const { lambda, named } = findTarget(at.kernel, namedBy(at, wanted.FunctionName));
      const others = (lambda.policies.get(named.qualifier ?? '') ?? []).filter(({ Sid }) => Sid !== made.ref);
      lambda.policies.set(named.qualifier ?? '', [...others, statementOf(made.ref, named.arn, at.partition, wanted)]);
      return made;
    },
    remove: (made, at) => {
      for (const { policies } of at.state.functions.values()) {
        for (const [qualifier, statements] of policies) {
          policies.set(
            qualifier,
            statements.filter(({ Sid }) => Sid !== made.ref),
          );
        }
      }
    },
  },
};

/** https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html */
const statementOf = (
  sid: string,
  resource: string,
  partition: string,
  wanted: z.infer<typeof permissionProperties>,
): IamStatement => {
  const condition = conditionOf(wanted);
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: principalOf(wanted.Principal, partition),
    Action: wanted.Action,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
};

const principalOf = (principal: string, partition: string): NonNullable<IamStatement['Principal']> => {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${partition}:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
};

const conditionOf = (wanted: z.infer<typeof permissionProperties>): ConditionElement => {
  const equals = {
    ...(wanted.SourceAccount && { 'AWS:SourceAccount': wanted.SourceAccount }),
    ...(wanted.PrincipalOrgID && { 'aws:PrincipalOrgID': wanted.PrincipalOrgID }),
    ...(wanted.FunctionUrlAuthType && { 'lambda:FunctionUrlAuthType': wanted.FunctionUrlAuthType }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(wanted.SourceArn && { ArnLike: { 'AWS:SourceArn': wanted.SourceArn } }),
    ...(wanted.InvokedViaFunctionUrl && { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
  };
};
