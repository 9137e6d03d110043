/**
 * EC2.13 (Config rule restricted-ssh) and EC2.14 (restricted-common-ports, deployed as restricted-rdp): inbound TCP 22
 * or 3389 from 0.0.0.0/0 or ::/0. Neither has parameters.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-13
 */
import * as z from 'zod';
import { defineRemediation } from '../../../contract/remediation.ts';
import { withoutPorts } from '../ports.ts';
import { PUBLIC_RULE_FACTS, publicRuleSteps } from '../public-rules.ts';

const PORTS: Readonly<Record<string, number>> = { 'EC2.13': 22, 'EC2.14': 3389 };

export default defineRemediation({
  id: 'ec2/close-admin-ports',
  title: 'Close SSH and RDP to the internet',
  handles: { controls: ['EC2.13', 'EC2.14'] },
  params: z.strictObject({}),
  ...PUBLIC_RULE_FACTS,
}).by(publicRuleSteps((rules, { control }) => withoutPorts(rules, [PORTS[control]!])));
