/**
 * EC2.18 (Config rule vpc-sg-open-only-to-authorized-ports): inbound TCP or UDP from 0.0.0.0/0 or ::/0 to a port that
 * is not authorized. Parameters, limits and defaults are the control's.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18
 */
import * as z from 'zod';
import { defineRemediation } from '../../../contract/remediation.ts';
import { onlyPorts } from '../ports.ts';
import { PUBLIC_RULE_FACTS, publicRuleSteps } from '../public-rules.ts';

/** AWS lets organizations change both. */
const ports = (name: string, required: number[]) =>
  ({ stricter: 'fewer', requires: { 'EC2.18': required }, customizable: { 'EC2.18': name } }) as const;

const Ports = z.array(z.int().min(1).max(65_535)).max(32);

export default defineRemediation({
  id: 'ec2/restrict-open-ports',
  title: 'Leave only authorized ports open to the internet',
  handles: { controls: ['EC2.18'] },
  params: z.strictObject({
    authorizedTcpPorts: Ports.min(1).default([80, 443]),
    authorizedUdpPorts: Ports.default([]),
  }),
  controlParams: {
    authorizedTcpPorts: ports('authorizedTcpPorts', [80, 443]),
    authorizedUdpPorts: ports('authorizedUdpPorts', []),
  },
  ...PUBLIC_RULE_FACTS,
}).by(
  publicRuleSteps((rules, { params: { authorizedTcpPorts: tcp, authorizedUdpPorts: udp } }) =>
    onlyPorts(rules, { tcp, udp }),
  ),
);
