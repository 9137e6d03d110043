/** AWS X-Ray: sampling rules of templates are kept; nothing is traced. */
import * as z from 'zod';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { parseProperties, tagsSchema } from '../properties.ts';

/** https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html */
const samplingRule = z.strictObject({
  RuleName: z.string().min(1).max(32),
  ResourceARN: z.string(),
  Priority: z.number().int().min(1).max(9999),
  FixedRate: z.number().min(0).max(1),
  ReservoirSize: z.number().int().min(0),
  ServiceName: z.string(),
  ServiceType: z.string(),
  Host: z.string(),
  HTTPMethod: z.string(),
  URLPath: z.string(),
  Version: z.literal(1).optional(),
  Attributes: z.record(z.string(), z.string()).optional(),
});

const resourceSchema = z.strictObject({ SamplingRule: samplingRule, Tags: tagsSchema.optional() });

const type = 'AWS::XRay::SamplingRule';

export type XRayState = { readonly samplingRules: Map<string, z.infer<typeof samplingRule>> };

export const xray: Service<{}, XRayState> = defineService<{}, XRayState>({
  name: 'xray',
  sdk: {},
  client: class {},
  prefix: 'xray',
  scope: 'region',
  state: () => ({ samplingRules: new Map() }),
  operations: {},
  resources: {
    [type]: {
      create(given, at, resource) {
        const { SamplingRule } = parseProperties(type, resourceSchema, given, resource);
        const arn = `arn:${at.partition}:xray:${at.region}:${at.account}:sampling-rule/${SamplingRule.RuleName}`;
        at.state.samplingRules.set(arn, SamplingRule);
        return { ref: arn, attributes: { RuleARN: arn } };
      },
      update(made, given, at, resource) {
        at.state.samplingRules.set(made.ref, parseProperties(type, resourceSchema, given, resource).SamplingRule);
        return made;
      },
      remove: (made, at) => void at.state.samplingRules.delete(made.ref),
    },
  },
});
