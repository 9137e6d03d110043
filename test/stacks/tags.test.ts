/** The organization's tags are on every resource that takes tags, in every template. */
import { App, CfnResource, TagManager } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { versionTags } from '../../functions/domain/role-version.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { parseContext } from '../../stacks/context.ts';
import { memberTemplate } from '../../stacks/member-template.ts';
import { FULL_CONTEXT, synthesizeTemplates } from './templates.ts';

const TAGS = { 'cost-center': '4711', Owner: 'security@example.com' };
const FEW = REMEDIATIONS.filter(({ id }) => /^(ec2\/close-admin-ports|iam\/create-support-role)$/.test(id));
const context = parseContext({
  ...FULL_CONTEXT,
  tags: TAGS,
  ipRanges: {
    region: 'eu-central-1',
    targets: [
      { account: '333333333333', vpcId: 'vpc-00000000000000001' },
      { account: '444444444444', mode: 'prefix-list', maxEntries: 60 },
    ],
  },
});
const { app, templates } = synthesizeTemplates(FEW, context);

/** Types whose resources CloudFormation can't tag. */
const UNTAGGABLE = [
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::Events::Archive',
  'AWS::Events::EventBusPolicy',
  'AWS::IAM::ManagedPolicy',
  'AWS::KMS::Alias',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SSO::Assignment',
];

const isTaggable = (resource: CfnResource) => TagManager.isTaggable(resource) || 'cdkTagManager' in resource;

/** Templates write tags as a list or as an object. */
function tagsIn(properties: any): Record<string, string> {
  const { Tags = {} } = properties ?? {};
  return Array.isArray(Tags) ? Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) : Tags;
}

describe('tags of the context', () => {
  const resources = [...templates].flatMap(([stack, template]) =>
    Object.entries<any>(template.toJSON().Resources).map(([id, resource]) => ({ stack, id, ...resource })),
  );

  it('are on every resource whose type takes tags', () => {
    expect(resources.length).toBeGreaterThan(100);
    const without = resources
      .filter(({ Type }) => !UNTAGGABLE.includes(Type))
      .filter(({ Properties }) => Object.entries(TAGS).some(([key, value]) => tagsIn(Properties)[key] !== value))
      .map(({ stack, id, Type }) => `${stack}/${id} ${Type}`);
    expect(without).toEqual([]);
  });

  it('are missing only where CloudFormation takes none', () => {
    const all = app.node.findAll().filter((each): each is CfnResource => CfnResource.isCfnResource(each));
    const untaggable = all.filter((each) => !isTaggable(each)).map(({ cfnResourceType }) => cfnResourceType);
    expect([...new Set(untaggable)].filter((type) => !isMetadata(type)).sort()).toEqual(
      UNTAGGABLE.filter((type) => untaggable.includes(type)),
    );
  });

  it("do not replace a resource's own tags", () => {
    const roles = resources.filter(({ Type }) => Type === 'AWS::IAM::Role').map(({ Properties }) => tagsIn(Properties));
    expect(roles.filter((tags) => 'suture:remediation' in tags).length).toBeGreaterThan(1);
  });

  it('are in the template that StackSets and people deploy to members', () => {
    const { Resources } = JSON.parse(memberTemplate(context, FEW));
    expect(tagsIn(Resources.Role.Properties)).toEqual({ ...TAGS, ...versionTags(FEW) });
    const bodies = resources
      .filter(({ Type }) => Type === 'AWS::CloudFormation::StackSet')
      .map(({ Properties }) => JSON.parse(Properties.TemplateBody));
    expect(bodies.length).toBe(3);
    for (const { Resources: own } of bodies) expect(tagsIn(own.Role.Properties)).toMatchObject(TAGS);
  });

  it.each([
    ['aws:owner', 'x', 'neither aws: nor suture: at the beginning'],
    ['suture:remediation', 'x', 'neither aws: nor suture: at the beginning'],
    ['owner', 'a'.repeat(257), 'up to 256 letters'],
    ['owner?', 'x', 'tags.owner? is "x": expected a key of up to 128 letters'],
  ])("are refused where a service would refuse them, or where they are Suture's own: %s", (key, value, message) => {
    expect(() => parseContext({ ...FULL_CONTEXT, tags: { [key]: value } })).toThrow(message);
  });

  it('come from the command line too', async () => {
    const { readContext } = await import('../../stacks/context.ts');
    const node = new App({ context: { suture: FULL_CONTEXT, 'suture:tags': JSON.stringify(TAGS) } }).node;
    expect(readContext(node).tags).toEqual(TAGS);
  });
});

const isMetadata = (type: string) => type === 'AWS::CDK::Metadata';
