/** Every statement of every policy in the synthesized templates, and its form in the sandbox's log of decisions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type TemplateStatement = {
  /** Such as `SutureSecurity ProxyRole: permissions#3 (dynamodb:GetItem)`. */
  readonly name: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly pattern: RegExp;
  /** As in the template; only for an Allow statement in an identity policy. */
  readonly allows?: { readonly actions: readonly string[]; readonly resources: readonly unknown[] };
};

type PlacePatterns = { readonly partition: string; readonly account: string; readonly region: string };
type Resource = { readonly Type: string; readonly Properties: any };
type Template = { readonly Resources: Readonly<Record<string, Resource>> };
type Document = { readonly Statement: readonly any[] };
/** `owner` and `policy` are patterns for the owner and the policy's name in the log. */
type FoundPolicy = {
  readonly owner: string;
  readonly policy: string;
  readonly document: Document;
  readonly identity?: true;
};

const ANY_ACCOUNT = '\\d{12}';

export function templateStatements(directory: string): TemplateStatement[] {
  const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  return readdirSync(directory)
    .filter((file) => file.endsWith('.template.json'))
    .flatMap((file) => {
      const stack = file.replace('.template.json', '');
      const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(artifacts[stack].environment)!;
      const place = {
        partition: 'aws[\\w-]*',
        account: account === 'unknown-account' ? ANY_ACCOUNT : account!,
        region: region === 'unknown-region' ? '[\\w-]+' : region!,
      };
      return statementsIn(stack, JSON.parse(readFileSync(join(directory, file), 'utf8')), place);
    });
}

function statementsIn(stack: string, template: Template, place: PlacePatterns): TemplateStatement[] {
  return Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    // Contains the member role's template, which is in the assembly by itself.
    if (resource.Type === 'AWS::CloudFormation::StackSet') return [];
    if (resource.Type === 'AWS::Lambda::Permission') return [permission(stack, logicalId, resource)];
    const find = POLICIES[resource.Type];
    if (!find && JSON.stringify(resource).includes('"Statement"'))
      throw new Error(`${stack} ${logicalId}: POLICIES has no entry for statements of ${resource.Type}`);
    return (find?.(resource.Properties, place, template) ?? []).flatMap((policy) =>
      statementsOf(stack, logicalId, policy),
    );
  });
}

const statementsOf = (
  stack: string,
  logicalId: string,
  { owner, policy, document, identity }: FoundPolicy,
): TemplateStatement[] =>
  document.Statement.map((statement, index) => {
    const id = statement.Sid ?? index;
    const actions = [statement.Action ?? statement.NotAction].flat();
    return {
      name: `${stack} ${logicalId}: ${policy.replaceAll('\\', '')}#${id} (${actions.join(' ').slice(0, 60)})`,
      stack,
      logicalId,
      pattern: new RegExp(`^${owner} ${policy}#${id}$`),
      ...(identity && statement.Effect === 'Allow' && { allows: { actions, resources: [statement.Resource].flat() } }),
    };
  });

const POLICIES: Readonly<Record<string, (properties: any, place: PlacePatterns, template: Template) => FoundPolicy[]>> =
  {
    'AWS::IAM::Role': ({ RoleName, Path = '/', AssumeRolePolicyDocument, Policies = [] }, { partition, account }) => {
      const role = `arn:${partition}:iam::${account}:role${Path}${RoleName}`;
      const own = Policies.map(({ PolicyName, PolicyDocument }: any) => ({
        owner: role,
        policy: PolicyName,
        document: PolicyDocument,
        identity: true as const,
      }));
      return [{ owner: role, policy: 'trust', document: AssumeRolePolicyDocument }, ...own];
    },
    'AWS::IAM::ManagedPolicy': ({ ManagedPolicyName, PolicyDocument }) => [
      { owner: '\\S+', policy: ManagedPolicyName, document: PolicyDocument, identity: true },
    ],
    'AWS::Organizations::Policy': ({ Name, Content }) => [
      { owner: '\\S+', policy: Name, document: typeof Content === 'string' ? JSON.parse(Content) : Content },
    ],
    'AWS::SQS::QueuePolicy': ({ Queues, PolicyDocument }, place, { Resources }) =>
      Queues.map(({ Ref }: any) => ofResource('sqs', Resources[Ref]!.Properties.QueueName, PolicyDocument, place)),
    'AWS::SNS::TopicPolicy': ({ Topics, PolicyDocument }, place, { Resources }) =>
      Topics.map(({ Ref }: any) => ofResource('sns', Resources[Ref]!.Properties.TopicName, PolicyDocument, place)),
    'AWS::S3::BucketPolicy': ({ Bucket, PolicyDocument }, { partition }, { Resources }) => {
      const { BucketName } = Resources[Bucket.Ref]!.Properties;
      return [{ owner: `arn:${partition}:s3:::${BucketName}(?:/\\S+)?`, policy: 'resource', document: PolicyDocument }];
    },
    'AWS::Events::EventBusPolicy': ({ EventBusName, StatementId, Statement }, place) => {
      const document = { Statement: [{ ...Statement, Sid: StatementId }] };
      return [ofResource('events', `event-bus/${EventBusName}`, document, place)];
    },
    // Each stack has one customer key. The sandbox generates its id.
    'AWS::KMS::Key': ({ KeyPolicy }, place) => [ofResource('kms', 'key/\\S+', KeyPolicy, place)],
  };

const ofResource = (
  service: string,
  name: string,
  document: Document,
  { partition, account, region }: PlacePatterns,
) => ({
  owner: `arn:${partition}:${service}:${region}:${account}:${name}`,
  policy: 'resource',
  document,
});

/** CloudFormation names the statement after stack and resource. */
function permission(stack: string, logicalId: string, { Properties }: Resource): TemplateStatement {
  const part = (text: string) => `${text.slice(0, 30)}\\S*`;
  return {
    name: `${stack} ${logicalId}: ${Properties.Action} by ${toText(Properties.Principal)}`,
    stack,
    logicalId,
    pattern: new RegExp(`^\\S+ resource#${part(stack)}-${part(logicalId)}-[0-9A-F]{12}$`),
  };
}

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
