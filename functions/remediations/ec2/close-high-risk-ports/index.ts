/**
 * EC2.19 (Config rule restricted-common-ports, deployed as vpc-sg-restricted-common-ports): inbound TCP from
 * 0.0.0.0/0 or ::/0 to one of 24 ports. Security Hub has no parameter for them.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19
 */
import * as z from 'zod';
import { defineRemediation } from '../../../contract/remediation.ts';
import { withoutPorts } from '../ports.ts';
import { PUBLIC_RULE_FACTS, publicRuleSteps } from '../public-rules.ts';

/** `blockedPorts` of the control: file transfer, log-in, mail, databases, development servers, proxies, OpenSearch. */
const HIGH_RISK = [
  20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888,
  9200, 9300,
];

export default defineRemediation({
  id: 'ec2/close-high-risk-ports',
  title: 'Close high-risk ports to the internet',
  handles: { controls: ['EC2.19'] },
  params: z.strictObject({}),
  ...PUBLIC_RULE_FACTS,
}).by(publicRuleSteps((rules) => withoutPorts(rules, HIGH_RISK)));
