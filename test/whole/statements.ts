/** Every statement of every policy in the synthesized templates, and how it shows in the sandbox's log of decisions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type TemplateStatement = {
  /** For people: `SutureSecurity ProxyRole: permissions#3 (dynamodb:GetItem)`. */
  readonly name: string;
  readonly stack: string;
  readonly logicalId: string;
  /** Matches what a test file leaves of it when it has decided. */
  readonly shows: RegExp;
  /** Where the identity that has it may do something: its actions, and its resources as the template has them. */
  readonly allows?: { readonly actions: readonly string[]; readonly resources: readonly unknown[] };
};

type Place = { readonly partition: string; readonly account: string; readonly region: string };
type Resource = { readonly Type: string; readonly Properties: any };
type Template = { readonly Resources: Readonly<Record<string, Resource>> };
type Document = { readonly Statement: readonly any[] };
/** `owner` is a pattern for whom the log names, `policy` one for the policy's name there. */
type Found = { readonly owner: string; readonly policy: string; readonly document: Document; readonly identity?: true };

const ANY_ACCOUNT = '\\d{12}';

/** The statements of all templates of an assembly. */
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
      return inTemplate(stack, JSON.parse(readFileSync(join(directory, file), 'utf8')), place);
    });
}

function inTemplate(stack: string, template: Template, place: Place): TemplateStatement[] {
  return Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    // Brings the member role's own template, which is here by itself.
    if (resource.Type === 'AWS::CloudFormation::StackSet') return [];
    if (resource.Type === 'AWS::Lambda::Permission') return [permission(stack, logicalId, resource)];
    const find = POLICIES[resource.Type];
    if (!find && JSON.stringify(resource).includes('"Statement"'))
      throw new Error(
        `${stack} ${logicalId}: how statements of ${resource.Type} show in the log is not known here yet`,
      );
    return (find?.(resource.Properties, place, template) ?? []).flatMap((found) => named(stack, logicalId, found));
  });
}

const named = (stack: string, logicalId: string, { owner, policy, document, identity }: Found): TemplateStatement[] =>
  document.Statement.map((statement, index) => {
    const id = statement.Sid ?? index;
    const actions = [statement.Action].flat();
    return {
      name: `${stack} ${logicalId}: ${policy.replaceAll('\\', '')}#${id} (${actions.join(' ').slice(0, 60)})`,
      stack,
      logicalId,
      shows: new RegExp(`^${owner} ${policy}#${id}$`),
      ...(identity && statement.Effect === 'Allow' && { allows: { actions, resources: [statement.Resource].flat() } }),
    };
  });

/** By the type of the resource that holds them. */
const POLICIES: Readonly<Record<string, (properties: any, place: Place, template: Template) => Found[]>> = {
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
  // One customer key a stack; its id is made up.
  'AWS::KMS::Key': ({ KeyPolicy }, place) => [ofResource('kms', 'key/\\S+', KeyPolicy, place)],
};

const ofResource = (service: string, name: string, document: Document, { partition, account, region }: Place) => ({
  owner: `arn:${partition}:${service}:${region}:${account}:${name}`,
  policy: 'resource',
  document,
});

/** CloudFormation names the statement after stack and resource. */
function permission(stack: string, logicalId: string, { Properties }: Resource): TemplateStatement {
  const part = (text: string) => `${text.slice(0, 30)}\\S*`;
  return {
    name: `${stack} ${logicalId}: ${Properties.Action} by ${inText(Properties.Principal)}`,
    stack,
    logicalId,
    shows: new RegExp(`^\\S+ resource#${part(stack)}-${part(logicalId)}-[0-9A-F]{12}$`),
  };
}

const inText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
