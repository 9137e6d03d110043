import { describe, expect, it } from 'vitest';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { parseContext } from '../../stacks/context.ts';
import { DISABLE_USER, FULL_CONTEXT, synthesizeTemplates } from './templates.ts';

const { default: cdk } = await import('../../cdk.json', { with: { type: 'json' } });
const { ipRanges } = (cdk as { context: { suture: { ipRanges?: object } } }).context.suture;

/** Everything that an installation can have. */
const EVERYTHING = {
  ...FULL_CONTEXT,
  homeRegion: 'us-east-1',
  regions: ['us-east-1'],
  responseRole: true,
  ipRanges,
  rollout: { ...FULL_CONTEXT.rollout!, protectFindings: true },
};

function templatesOf(prefix?: string, remediations: readonly Remediation[] = [...REMEDIATIONS, DISABLE_USER]) {
  const { templates } = synthesizeTemplates(remediations, parseContext({ ...EVERYTHING, prefix }));
  return new Map<string, any>([...templates].map(([stack, template]) => [stack, template.toJSON()]));
}

const pepper = templatesOf('pepper');

type Resource = { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> };
type PhysicalName = { readonly resource: string; readonly name: string };

/** Properties that name another resource, or a part of one that has a name of its own. */
const REFERENCES = new Set([
  'AWS::AppConfig::ConfigurationProfile Name',
  'AWS::AppConfig::Environment Name',
  'AWS::ApiGateway::Stage StageName',
  'AWS::CloudWatch::Alarm MetricName',
  'AWS::Events::EventBusPolicy EventBusName',
  'AWS::Events::Rule EventBusName',
  'AWS::Lambda::Alias Name',
]);

function physicalNames(templates: ReadonlyMap<string, any>): PhysicalName[] {
  return [...templates].flatMap(([stack, { Resources, Outputs = {} }]) => [
    { resource: 'stack', name: stack },
    ...Object.values<{ Export?: { Name: string } }>(Outputs).flatMap(({ Export }) =>
      Export ? [{ resource: `${stack} export`, name: Export.Name }] : [],
    ),
    ...Object.entries<Resource>(Resources).flatMap(([id, resource]) => namesOfResource(`${stack} ${id}`, resource)),
  ]);
}

function namesOfResource(where: string, { Type, Properties = {} }: Resource): PhysicalName[] {
  const all = { ...Properties, ...(Properties.SamplingRule as object | undefined) };
  return Object.entries(all).flatMap(([property, value]) => {
    if (!/Name$|^StatementId$/.test(property) || typeof value !== 'string') return [];
    return REFERENCES.has(`${Type} ${property}`) ? [] : [{ resource: `${where} ${Type} ${property}`, name: value }];
  });
}

/** Types whose names CloudFormation makes up, or that have no name. */
const GENERATED = [
  /^AWS::(Lambda::(Permission|EventSourceMapping|EventInvokeConfig|Version)|SQS::QueuePolicy|SNS::|S3::BucketPolicy)/,
  /^AWS::(ApiGateway::(Resource|Method|Deployment|Account|Stage)|SSO::Assignment|AppConfig::(HostedConf|Deployment$))/,
  /^AWS::KMS::Key$/,
];

describe('an installation with another prefix', () => {
  it('has the prefix in every physical name of its templates', () => {
    const names = physicalNames(pepper);
    expect(names.length).toBeGreaterThan(500);
    const own =
      /^(pepper(-|$)|Pepper[A-Z]|alias\/pepper(-alarms|-signatures-of-[a-z]+)?$|\/aws\/(lambda|vendedlogs\/states)\/pepper-|\/aws\/apigateway\/pepper$)/;
    expect(names.filter(({ name }) => !own.test(name))).toEqual([]);
  });

  it('gives a name to every resource that can have one', () => {
    const unnamed = [...pepper].flatMap(([stack, { Resources }]) =>
      Object.entries<Resource>(Resources)
        .filter(([, { Type }]) => !GENERATED.some((types) => types.test(Type)))
        .filter(([id, resource]) => namesOfResource(id, resource).length === 0)
        .map(([id, { Type }]) => `${stack} ${id} ${Type}`),
    );
    expect(unnamed.filter((each) => !/AppConfig::|Lambda::Alias/.test(each))).toEqual([]);
  });

  it('has roles and policies below its own path, which is below the one that no remediation may touch', () => {
    const paths = [...pepper.values()].flatMap(({ Resources }) =>
      Object.values<Resource>(Resources).flatMap(({ Properties }) => (Properties?.Path as string | undefined) ?? []),
    );
    expect(new Set(paths)).toEqual(
      new Set(
        ['', 'remediation/', 'rollback/', 'response/', 'people/', 'ip-ranges/'].map(
          (folder) => `/suture/pepper/${folder}`,
        ),
      ),
    );
  });

  it('differs from the default installation in nothing but the prefix', () => {
    const back = (text: string) =>
      text
        .replaceAll('role/suture/pepper/', 'role/suture/')
        .replaceAll('policy/suture/pepper/', 'policy/suture/')
        .replaceAll('suture/pepper/', 'suture/')
        .replaceAll('Pepper', 'Suture')
        .replaceAll('pepper', 'suture');
    // CloudFormation takes their member template inline, whatever the length of the prefix.
    const few = [...REMEDIATIONS.filter((_, n) => n % 4 === 0), DISABLE_USER];
    const renamed = new Map(
      [...templatesOf('pepper', few)].map(([stack, template]) => [back(stack), back(JSON.stringify(template))]),
    );
    const expected = new Map(
      [...templatesOf(undefined, few)].map(([stack, template]) => [stack, JSON.stringify(template)]),
    );
    expect([...renamed.keys()]).toEqual([...expected.keys()]);
    for (const [stack, template] of expected)
      expect(JSON.parse(withoutHashes(renamed.get(stack)!))).toEqual(JSON.parse(withoutHashes(template)));
  });

  it('has no pattern that matches a name of the default installation, or the other way around', () => {
    const patterns = (templates: ReadonlyMap<string, any>) =>
      new Set(JSON.stringify([...templates.values()]).match(/(?<=[:/"])[\w/]*(?:suture|pepper)-\*/gi));
    expect([...patterns(pepper)].filter((pattern) => /suture-/i.test(pattern))).toEqual([]);
    expect([...patterns(templatesOf())].filter((pattern) => /pepper/i.test(pattern))).toEqual([]);
  });
});

/** CDK hashes content into ids of deployments and versions, and assets by content. */
const withoutHashes = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<asset>')
    .replaceAll(/(Deployment|CurrentVersion)\w*?([0-9A-F]{8})[0-9a-f]{32}/g, '$1$2');

describe('the prefix', () => {
  it.each(['Staging', 'st-aging', 's', '1staging', 'stagingstagi', 'aws', 'default', 'remediation', ''])(
    'cannot be "%s"',
    (prefix) => {
      expect(() => parseContext({ ...FULL_CONTEXT, prefix })).toThrow(
        /^The context of Suture is invalid\.\ncontext\.suture\.prefix is /,
      );
    },
  );

  it.each(['suture', 'st', 'staging', 'sut2', 'stagingstag'])('can be "%s"', (prefix) => {
    expect(parseContext({ ...FULL_CONTEXT, prefix }).prefix).toBe(prefix);
  });

  it('is "suture" by default', () => {
    const { prefix: _, ...context } = FULL_CONTEXT;
    expect(parseContext(context).prefix).toBe('suture');
  });

  it('is refused at synthesis if a name becomes longer than IAM and Lambda allow', () => {
    const id = `team-svc/${'a'.repeat(64 - 'suture-remediation-team-svc-'.length)}` as const;
    const remediation: Remediation = { ...REMEDIATIONS[0]!, id };
    const synthesize = (prefix: string) =>
      synthesizeTemplates([remediation], parseContext({ ...FULL_CONTEXT, prefix }));
    expect(() => synthesize('staging')).toThrow(
      `context.suture.prefix is "staging": expected at most 6 characters; IAM and Lambda allow 64 in staging-remediation-${id.replace('/', '-')}.`,
    );
    expect(() => synthesize('stage')).not.toThrow();
  });
});
