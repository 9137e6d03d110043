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

  it('use the service names of that partition', () => {
    const [[, policy], [, security]] = ['SuturePolicy', 'SutureSecurity'].map(
      (stack) => texts.find(([name]) => name === stack)!,
    ) as [[string, string], [string, string]];
    const suffix = place.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    expect(policy).toContain(`"logs.${place.homeRegion}.${suffix}"`);
    expect(security).toContain(`"sqs.${place.homeRegion}.${suffix}"`);
  });
});
