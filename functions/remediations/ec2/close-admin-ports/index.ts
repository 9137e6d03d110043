/**
 * EC2.13 (Config rule restricted-ssh) and EC2.14 (restricted-common-ports, deployed as restricted-rdp): inbound TCP 22
 * or 3389 from 0.0.0.0/0 or ::/0. EC2.53 and EC2.54 (vpc-sg-port-restriction-check): both ports, TCP and UDP, the first
 * from 0.0.0.0/0, the second from ::/0. None has parameters of its own.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-13
 */
import * as z from 'zod';
import { defineRemediation } from '../../../contract/remediation.ts';
import { withoutPorts } from '../ports.ts';
import { PUBLIC_RULE_FACTS, publicRuleSteps } from '../public-rules.ts';

const BOTH = { ports: [22, 3389], protocols: ['tcp', 'udp'] };
type Closed = { readonly ports: readonly number[]; readonly protocols: readonly string[]; readonly from?: string };
const CLOSED: Readonly<Record<string, Closed>> = {
  'EC2.13': { ports: [22], protocols: ['tcp'] },
  'EC2.14': { ports: [3389], protocols: ['tcp'] },
  'EC2.53': { ...BOTH, from: '0.0.0.0/0' },
  'EC2.54': { ...BOTH, from: '::/0' },
};

export default defineRemediation({
  id: 'ec2/close-admin-ports',
  title: 'Close SSH and RDP to the internet',
  handles: { controls: ['EC2.13', 'EC2.14', 'EC2.53', 'EC2.54'] },
  params: z.strictObject({}),
  ...PUBLIC_RULE_FACTS,
}).by(
  publicRuleSteps((rules, { control }) => {
    const { ports, protocols, from } = CLOSED[control]!;
    const checked = rules.filter(({ cidr }) => from === undefined || cidr === from);
    const others = rules.filter((rule) => !checked.includes(rule));
    return [...others, ...withoutPorts(checked, ports, protocols)];
  }),
);
