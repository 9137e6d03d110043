/** The findings of `npm start`: at least one of every route and outcome, over several accounts and Regions. */
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { Outcome } from '../../functions/contract/outcome.ts';
import { casesOf } from '../../functions/remediations/cases.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { putFinding } from '../../sandbox/services/securityhub.ts';
import { type ControlFinding, controlFinding } from './finding.ts';
import { makeFaulty } from './seed.ts';
import type { Trace } from './trace.ts';

export type SeededFinding = {
  /** What this finding shows, for the display. */
  readonly shows: string;
  readonly control: string;
  readonly account: string;
  readonly region: string;
  /** Changes the finding before it is put; for those that must be refused. */
  readonly twist?: (finding: ControlFinding) => ControlFinding;
  readonly then: { readonly route: Trace['route']; readonly outcome: Outcome | null };
};

const FIXED = { route: 'remediate', outcome: 'FIXED' } as const;

export const SEEDS: readonly SeededFinding[] = [
  { shows: 'an open port, closed', control: 'EC2.13', account: '333333333333', region: 'us-east-1', then: FIXED },
  {
    shows: 'an account setting, another Region',
    control: 'EC2.7',
    account: '444444444444',
    region: 'eu-west-1',
    then: FIXED,
  },
  {
    shows: 'policy says observe',
    control: 'EC2.14',
    account: '444444444444',
    region: 'us-east-1',
    then: { route: 'remediate', outcome: 'PLANNED' },
  },
  {
    shows: 'a suppression',
    control: 'EC2.13',
    account: '555555555555',
    region: 'us-east-1',
    then: { route: 'archive', outcome: 'ARCHIVED' },
  },
  {
    shows: 'a finding that no rule lets through',
    control: 'EC2.13',
    account: '333333333333',
    region: 'us-east-1',
    twist: (finding) => ({ ...finding, Compliance: { ...finding.Compliance, Status: 'PASSED' } }),
    then: { route: 'ignore', outcome: null },
  },
  {
    shows: 'a forged finding',
    control: 'EC2.13',
    account: '333333333333',
    region: 'us-east-1',
    twist: (finding) => ({
      ...finding,
      Resources: finding.Resources.map((resource) => ({
        ...resource,
        Id: resource.Id.replace('333333333333', '444444444444'),
      })),
    }),
    then: { route: 'reject', outcome: null },
  },
  {
    shows: 'an account without the role',
    control: 'EC2.13',
    account: '666666666666',
    region: 'us-east-1',
    then: { route: 'remediate', outcome: 'FAILED' },
  },
];

export type PutFinding = { readonly eventId: string; readonly finding: ControlFinding };

/** Makes the faults in their accounts, and then imports the findings about them, as Security Hub would. */
export async function putFindings(
  sandbox: Sandbox,
  partition: string,
  seeds: readonly SeededFinding[],
): Promise<PutFinding[]> {
  const findings: ControlFinding[] = [];
  // All of them before the first finding: some faults are made with the clock set back, which no execution may see.
  for (const [n, { control, account, region, twist = unbent }] of seeds.entries()) {
    const place = { partition, account, region };
    const name = `0000000${n}-5ca1-4b1e-8f1e-000000000000`;
    const resource = await makeFaulty(sandbox, casesOf(control), place, control, `seed-${n}`);
    const title = casesOf(control).of.title;
    const at = new Date(sandbox.kernel.clock.now());
    findings.push(twist(controlFinding({ control, account, region, resource, name, title, at })));
  }
  return findings.map((finding) => ({
    finding,
    eventId: putFinding(sandbox.kernel, finding as AwsSecurityFinding).eventId!,
  }));
}

const unbent = (finding: PutFinding['finding']) => finding;
