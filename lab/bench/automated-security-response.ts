/**
 * The cost of a remediation by AWS's own product, after its implementation guide:
 * https://docs.aws.amazon.com/solutions/latest/automated-security-response-on-aws/cost.html (a copy, read on 2026-11-30).
 * Only the parts that each of its pricing examples multiplies by the number of remediations.
 */
import { PRICES } from './prices.ts';

/** By the guide, for one remediation. */
export const ASR_USE = {
  automationSteps: 4,
  automationSeconds: 10,
  transitions: 19,
  invocations: 7,
  functionMs: 4_000,
  /** Before the data keys that it keeps, which save 70 % of them. */
  keyRequests: 2,
  notifications: 2,
  metricRequests: 1,
} as const;

/** As the guide has them, in US dollars for us-east-1. */
const ASR_PRICES = {
  automationStep: 0.002,
  automationSecond: 0.000_03,
  /** For 512 MB, on x86. */
  functionMs: 0.000_000_008_3,
  notification: 0.5 / 1e6,
  metricRequest: 0.01 / 1_000,
} as const;

/** Returns what this many remediations cost in dollars, by part, without fixed costs and free tiers. */
export const asrCost = (remediations: number): Readonly<Record<string, number>> => {
  const each = {
    'steps of SSM automations': ASR_USE.automationSteps * ASR_PRICES.automationStep,
    'state transitions': ASR_USE.transitions * PRICES.transition,
    'seconds of SSM automations': ASR_USE.automationSeconds * ASR_PRICES.automationSecond,
    traces: ASR_USE.invocations * PRICES.trace,
    'time of functions': ASR_USE.functionMs * ASR_PRICES.functionMs,
    'requests for metrics': ASR_USE.metricRequests * ASR_PRICES.metricRequest,
    'requests to KMS': ASR_USE.keyRequests * 0.3 * PRICES.keyRequest,
    'invocations of functions': ASR_USE.invocations * PRICES.invocation,
    notifications: ASR_USE.notifications * ASR_PRICES.notification,
  };
  return Object.fromEntries(Object.entries(each).map(([part, dollars]) => [part, dollars * remediations]));
};

/** Returns the total of `asrCost`, such as `$8.86`. */
export const asrTotal = (remediations: number): string =>
  `$${Object.values(asrCost(remediations))
    .reduce((sum, dollars) => sum + dollars, 0)
    .toFixed(2)}`;
