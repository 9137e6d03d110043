/** Traces of five in a hundred executions, and of one a second at least. */
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';

export const sampledTraces = (scope: Construct): CfnSamplingRule =>
  new CfnSamplingRule(scope, 'Traces', {
    samplingRule: {
      ruleName: 'suture',
      version: 1,
      priority: 1000,
      fixedRate: 0.05,
      reservoirSize: 1,
      serviceName: 'suture-*',
      serviceType: '*',
      host: '*',
      httpMethod: '*',
      urlPath: '*',
      resourceArn: '*',
    },
  });
