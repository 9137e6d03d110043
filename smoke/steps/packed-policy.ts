import { type PolicyDocument, SESSION_POLICY_LIMIT } from '../../functions/domain/permissions.ts';
import { memberSessionRequest, openMemberSession, SESSION_ROLE, sessionRoleConfig } from '../session-role.ts';
import type { Smoke } from '../smoke.ts';
import type { SmokeStep } from '../step.ts';

export const PACKED_POLICY_STEP: SmokeStep = {
  id: 'packed-policy',
  proves: `a session policy of ${SESSION_POLICY_LIMIT} characters, the most that Suture passes, fits into a session together with the longest tags`,
  calls: ['sts:AssumeRole of the member role with such a policy; the answer has its packed size'],
  creates: [SESSION_ROLE],
  async run(smoke) {
    const config = await sessionRoleConfig(smoke);
    await openMemberSession(smoke, config);
    const policy = longestPolicy(smoke);
    const request = { ...memberSessionRequest(smoke), Policy: policy };
    const { PackedPolicySize } = await openMemberSession(smoke, config, request);
    return [`${policy.length} characters of policy and the tags take ${PackedPolicySize} % of what STS packs`];
  },
};

/** Names different resources, as plans of many targets do, because STS could pack repetitions into little space. */
function longestPolicy({ context, member }: Smoke): string {
  const Action = ['ec2:DescribeSecurityGroupRules', 'ec2:RevokeSecurityGroupIngress'];
  const textOf = (Resource: readonly string[]) => {
    const document: PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] };
    return JSON.stringify(document);
  };
  const resources: string[] = [];
  const next = () => {
    const id = ((resources.length + 1) * 0x9e3779b1).toString(16).padStart(17, 'a').slice(-17);
    return `arn:${context.partition}:ec2:${context.homeRegion}:${member}:security-group/sg-${id}`;
  };
  while (textOf([...resources, next()]).length <= SESSION_POLICY_LIMIT) resources.push(next());
  return textOf(resources);
}
