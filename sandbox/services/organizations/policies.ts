/**
 * Service control policies on roots, units and accounts.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-policy.html
 */
import * as z from 'zod';
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type CreatedResource, type ResourceName, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { organizationArns } from './set-up.ts';
import type { OrganizationState, OrganizationsAt } from './state.ts';

const policySchema = z.strictObject({
  Name: z.string().min(1).max(128),
  Type: z.string(),
  Content: z.union([z.string(), z.record(z.string(), z.unknown()).transform((content) => JSON.stringify(content))]),
  Description: z.string().max(512).optional(),
  TargetIds: z.array(z.string().regex(/^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/)).optional(),
  Tags: tagsSchema.optional(),
});
type PolicyProperties = z.infer<typeof policySchema>;

/**
 * The limits before AWS doubled them in 2026:
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
 */
const MAX_CONTENT_LENGTH = 5120;
const MAX_POLICIES_PER_TARGET = 5;

export const organizationPolicyResource: ResourceType<OrganizationState> = {
  create(input, at, resource) {
    const properties = parsePolicyProperties(input, at, resource);
    const { id: organization, managementAccount } = at.state.organization!;
    if (at.state.policies.values().some(({ name }) => name === properties.Name))
      throw new AwsError('DuplicatePolicyException', 'A policy with the same name already exists.');
    const id = at.kernel.id('p-', 8);
    const arn = organizationArns(at.kernel, organization, managementAccount)('policy', `/service_control_policy/${id}`);
    at.state.policies.set(id, { id, arn, name: properties.Name, document: documentOf(properties) });
    for (const target of properties.TargetIds ?? []) attach(at, target, id);
    return policyResult(id, arn);
  },
  update(existing, input, at, resource) {
    const properties = parsePolicyProperties(input, at, resource);
    const policy = at.state.policies.get(existing.ref)!;
    if (policy.name !== properties.Name) throw notModelled('another name of an AWS::Organizations::Policy');
    policy.document = documentOf(properties);
    detachFromAll(at, existing.ref);
    for (const target of properties.TargetIds ?? []) attach(at, target, existing.ref);
    return policyResult(existing.ref, policy.arn);
  },
  remove(existing, at) {
    detachFromAll(at, existing.ref);
    at.state.policies.delete(existing.ref);
  },
};

function parsePolicyProperties(input: unknown, at: OrganizationsAt, resource: ResourceName): PolicyProperties {
  const properties = parseProperties('AWS::Organizations::Policy', policySchema, input, resource);
  if (properties.Type !== 'SERVICE_CONTROL_POLICY')
    throw notModelled(`organization policies of type ${properties.Type}`);
  if (at.state.organization?.managementAccount !== at.account)
    throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
  if (properties.Content.length > MAX_CONTENT_LENGTH)
    throw new AwsError('ConstraintViolationException', 'You have exceeded the maximum policy size.');
  return properties;
}

const documentOf = ({ Content }: PolicyProperties) =>
  parseIamPolicy(Content, 'identity', 'MalformedPolicyDocumentException');

function attach(at: OrganizationsAt, target: string, id: string): void {
  const attached = at.state.attached.get(target);
  if (!attached) throw new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");
  if (attached.length === MAX_POLICIES_PER_TARGET)
    throw new AwsError(
      'ConstraintViolationException',
      'You have reached the maximum number of policies for this target.',
    );
  at.state.attached.set(target, [...attached, id]);
}

function detachFromAll(at: OrganizationsAt, id: string): void {
  for (const [target, ids] of at.state.attached)
    at.state.attached.set(
      target,
      ids.filter((each) => each !== id),
    );
}

const policyResult = (id: string, arn: string): CreatedResource => ({
  ref: id,
  attributes: { Id: id, Arn: arn, AwsManaged: false },
});
