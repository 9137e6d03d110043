/** The template of the security account's stacks, and the ARNs in it. */
import { Template } from 'aws-cdk-lib/assertions';
import { expect } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { parseContext, type SutureContext } from '../../stacks/context.ts';
import { resourcesOf, SAMPLE_CONTEXT, SECURITY_ACCOUNT, synthesizeTemplates } from './templates.ts';

/** Returns one template with the resources of the security account's three stacks, whose logical ids differ. */
export function securityTemplate(more: Partial<SutureContext> = {}): Template {
  const { template } = synthesizeTemplates(REMEDIATIONS, parseContext({ ...SAMPLE_CONTEXT, ...more }));
  const resources = ['SuturePolicy', 'SutureLedger', 'SutureSecurity'].map((name) => template(name).toJSON().Resources);
  return Template.fromJSON({ Resources: Object.assign({}, ...resources) });
}

export const SECURITY_TEMPLATE = securityTemplate();

export const MACHINE_ARN = `arn:aws:states:eu-west-1:${SECURITY_ACCOUNT}:stateMachine:suture-remediate-finding`;

export const APPROVAL_MACHINE_ARN = `arn:aws:states:eu-west-1:${SECURITY_ACCOUNT}:stateMachine:suture-await-approval`;

export const ref = (pattern: RegExp) => expect.objectContaining({ Ref: expect.stringMatching(pattern) });

export const BUS_ARN = `arn:aws:events:eu-west-1:${SECURITY_ACCOUNT}:event-bus/suture`;

export const ALARM_TOPIC_ARN = `arn:aws:sns:eu-west-1:${SECURITY_ACCOUNT}:suture-alarms`;

/** Matches the ARN of the key, which the other stacks import from its own. */
export const IMPORTED_KEY_ARN = expect.toSatisfy((arn: any) =>
  /^Key|:ExportsOutputFnGetAttKey\w+Arn/.test(arn['Fn::GetAtt']?.[0] ?? arn['Fn::ImportValue']),
);

export const attributeArn = (pattern: RegExp) => ({ 'Fn::GetAtt': [expect.stringMatching(pattern), 'Arn'] });

export const queueArns = (...names: string[]) =>
  names.map((name) => `arn:aws:sqs:eu-west-1:${SECURITY_ACCOUNT}:suture-${name}`);

export const securityResources = (type: string) => resourcesOf(SECURITY_TEMPLATE, type);
