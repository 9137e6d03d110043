/** Stores the sampling rules of templates; traces nothing. */
import * as z from 'zod';
import { wholeState } from '../../kernel/comparison.ts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { locateByArn } from '../locate.ts';
import { parseProperties, tagsSchema } from '../properties.ts';
import { samplingRule, XRAY, type XRayState } from './state.ts';

const resourceSchema = z.strictObject({ SamplingRule: samplingRule, Tags: tagsSchema.optional() });

const SAMPLING_RULE = 'AWS::XRay::SamplingRule';

export const xray: Service<{}, XRayState> = defineService<{}, XRayState>({
  ...XRAY,
  sdk: {},
  client: class {},
  prefix: 'xray',
  comparable: wholeState,
  locate: locateByArn({ 'sampling-rule/': 'samplingRules' }),
  operations: {},
  resources: {
    [SAMPLING_RULE]: {
      create(input, at, resource) {
        const { SamplingRule } = parseProperties(SAMPLING_RULE, resourceSchema, input, resource);
        const arn = `arn:${at.partition}:xray:${at.region}:${at.account}:sampling-rule/${SamplingRule.RuleName}`;
        at.state.samplingRules.set(arn, SamplingRule);
        return { ref: arn, attributes: { RuleARN: arn } };
      },
      update(existing, input, at, resource) {
        at.state.samplingRules.set(
          existing.ref,
          parseProperties(SAMPLING_RULE, resourceSchema, input, resource).SamplingRule,
        );
        return existing;
      },
      remove: (existing, at) => void at.state.samplingRules.delete(existing.ref),
    },
  },
});
