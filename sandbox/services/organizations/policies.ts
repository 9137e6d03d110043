/**
 * AWS::Organizations::Policy: service control policies on roots, units and accounts.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-policy.html
 */
import * as z from 'zod';
import { parsePolicy } from '../../authorization/policy.ts';
import { type At, AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { arnsOf } from './set-up.ts';
import type { OrganizationState } from './state.ts';

const policySchema = z.strictObject({
  Name: z.string().min(1).max(128),
  Type: z.string(),
  Content: z.union([z.string(), z.record(z.string(), z.unknown()).transform((content) => JSON.stringify(content))]),
  Description: z.string().max(512).optional(),
  TargetIds: z.array(z.string().regex(/^(r-[0-9a-z]{4,32}|\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/)).optional(),
  Tags: tagsSchema.optional(),
});
type Wanted = z.infer<typeof policySchema>;
type Here = At<OrganizationState>;
type Resource = { readonly logicalId: string; readonly stack: string };

/** As they were before AWS doubled them in 2026: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const contentSize = 5120;
const policiesOfATarget = 5;

export const policies: ResourceType<OrganizationState> = {
  create(properties, at, resource) {
    const wanted = parsed(properties, at, resource);
    const { id: organization, managementAccount } = at.state.organization!;
    if (at.state.policies.values().some(({ name }) => name === wanted.Name))
      throw new AwsError('DuplicatePolicyException', 'A policy with the same name already exists.');
    const id = at.kernel.id('p-', 8);
    const arn = arnsOf(at.kernel, organization, managementAccount)('policy', `/service_control_policy/${id}`);
    at.state.policies.set(id, { id, arn, name: wanted.Name, document: documentOf(wanted) });
    for (const target of wanted.TargetIds ?? []) attach(at, target, id);
    return madeOf(id, arn);
  },
  update(made, properties, at, resource) {
    const wanted = parsed(properties, at, resource);
    const policy = at.state.policies.get(made.ref)!;
    if (policy.name !== wanted.Name) throw notModelled('another name of an AWS::Organizations::Policy');
    policy.document = documentOf(wanted);
    detachEverywhere(at, made.ref);
    for (const target of wanted.TargetIds ?? []) attach(at, target, made.ref);
    return madeOf(made.ref, policy.arn);
  },
  remove(made, at) {
    detachEverywhere(at, made.ref);
    at.state.policies.delete(made.ref);
  },
};

function parsed(properties: unknown, at: Here, resource: Resource): Wanted {
  const wanted = parseProperties('AWS::Organizations::Policy', policySchema, properties, resource);
  if (wanted.Type !== 'SERVICE_CONTROL_POLICY') throw notModelled(`organization policies of type ${wanted.Type}`);
  if (at.state.organization?.managementAccount !== at.account)
    throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
  if (wanted.Content.length > contentSize)
    throw new AwsError('ConstraintViolationException', 'You have exceeded the maximum policy size.');
  return wanted;
}

const documentOf = ({ Content }: Wanted) => parsePolicy(Content, 'identity', 'MalformedPolicyDocumentException');

function attach(at: Here, target: string, id: string): void {
  const attached = at.state.attached.get(target);
  if (!attached) throw new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");
  if (attached.length === policiesOfATarget)
    throw new AwsError(
      'ConstraintViolationException',
      'You have reached the maximum number of policies for this target.',
    );
  at.state.attached.set(target, [...attached, id]);
}

function detachEverywhere(at: Here, id: string): void {
  for (const [target, ids] of at.state.attached)
    at.state.attached.set(
      target,
      ids.filter((each) => each !== id),
    );
}

const madeOf = (id: string, arn: string): CreatedResource => ({
  ref: id,
  attributes: { Id: id, Arn: arn, AwsManaged: false },
});
