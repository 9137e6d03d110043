/** Samples 5 % of traces, at least one per second. */
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import { namesIn } from '../names.ts';

export const traceSamplingRule = (scope: Construct): CfnSamplingRule =>
  new CfnSamplingRule(scope, 'Traces', {
    samplingRule: {
      ruleName: namesIn(scope).samplingRule,
      version: 1,
      priority: 1000,
      fixedRate: 0.05,
      reservoirSize: 1,
      serviceName: namesIn(scope).own('*'),
      serviceType: '*',
      host: '*',
      httpMethod: '*',
      urlPath: '*',
      resourceArn: '*',
    },
  });
