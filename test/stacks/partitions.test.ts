import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { parseContext } from '../../stacks/context.ts';
import { SAMPLE_CONTEXT, synthesizeTemplates } from './templates.ts';

const PARTITIONS = [
  { partition: 'aws', homeRegion: 'eu-west-1', regions: ['eu-west-1'] },
  { partition: 'aws-cn', homeRegion: 'cn-north-1', regions: ['cn-north-1', 'cn-northwest-1'] },
  { partition: 'aws-us-gov', homeRegion: 'us-gov-west-1', regions: ['us-gov-west-1', 'us-gov-east-1'] },
] as const;

describe.each(PARTITIONS)('the templates for $partition', (place) => {
  const { templates } = synthesizeTemplates(REMEDIATIONS, parseContext({ ...SAMPLE_CONTEXT, ...place }));
  const texts = [...templates].map(([name, template]) => [name, JSON.stringify(template.toJSON())] as const);

  it('name no other partition', () => {
    expect(texts.length).toBeGreaterThan(8);
    const foreign = texts.flatMap(([name, text]) =>
      [...text.matchAll(/.{0,40}arn:(aws[\w-]*):.{0,40}/g)]
        .filter(([, partition]) => partition !== place.partition)
        .map(([match]) => `${name}: ${match}`),
    );
    expect(foreign).toEqual([]);
  });

  it('trace functions, and tag event sources, where Lambda can', () => {
    const tagged = synthesizeTemplates(
      REMEDIATIONS.slice(0, 1),
      parseContext({ ...SAMPLE_CONTEXT, ...place, tags: { team: 'security' } }),
    );
    const resources = [...tagged.templates.values()].flatMap((template) =>
      Object.values<any>(template.toJSON().Resources),
    );
    const of = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
    const isChina = place.partition === 'aws-cn';
    const modes = new Set(of('AWS::Lambda::Function').map(({ TracingConfig }) => TracingConfig?.Mode));
    expect([...modes]).toEqual([isChina ? undefined : 'Active']);
    expect(JSON.stringify(of('AWS::IAM::Role')).includes('Execution role of suture-triage')).toBe(true);
    const sources = of('AWS::Lambda::EventSourceMapping');
    expect(sources.length).toBeGreaterThan(2);
    expect(sources.filter(({ Tags }) => Tags !== undefined)).toHaveLength(isChina ? 0 : sources.length);
  });

  it('use the service names of that partition', () => {
    const [[, policy], [, security]] = ['SuturePolicy', 'SutureSecurity'].map(
      (stack) => texts.find(([name]) => name === stack)!,
    ) as [[string, string], [string, string]];
    const suffix = place.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    expect(policy).toContain(`"logs.${place.homeRegion}.${suffix}"`);
    expect(security).toContain(`"sqs.${place.homeRegion}.${suffix}"`);
  });
});
