import * as z from 'zod';
import type { StateKey } from '../../kernel/kernel.ts';

/** https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html */
export const samplingRule = z.strictObject({
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

export type XRayState = { readonly samplingRules: Map<string, z.infer<typeof samplingRule>> };

export const XRAY: StateKey<XRayState> = {
  name: 'xray',
  scope: 'region',
  state: () => ({ samplingRules: new Map() }),
};
