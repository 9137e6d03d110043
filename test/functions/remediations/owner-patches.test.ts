/** Controls whose change can be written in CloudFormation or Terraform. Each is planned once. */
import { describe, expect, it } from 'vitest';
import type { Scenarios } from '../../../functions/contract/scenario.ts';
import { type OwnerPatch, ownerPatch } from '../../../functions/domain/owner-patch.ts';
import { SCENARIOS } from '../../../functions/remediations/scenarios.generated.ts';
import { scenarioControl } from '../../../lab/laws/arranged-scenario.ts';
import { openProofSandbox, type ProofSandbox } from '../../../lab/laws/proof-sandbox.ts';
import { clientsOn } from '../../../lab/organization/clients.ts';

const PATCHES = new Map<string, OwnerPatch | undefined>();

async function planned(proof: ProofSandbox, scenarios: Scenarios, control: string): Promise<OwnerPatch | undefined> {
  const { remediation } = scenarios;
  const [name, { params = {} }] = Object.entries(scenarios.scenarios).find(
    ([, scenario]) => scenario.expected === 'FIXED' && scenarioControl(scenarios, scenario) === control,
  )!;
  const { place, resource } = await proof.arrange(name);
  const clients = clientsOn(proof.sandbox.administrator(place.account, place.region), remediation.clients, {
    requestHandler: proof.sandbox.inProcess,
  });
  const target = remediation.target.parse(resource);
  const now = new Date(proof.sandbox.kernel.clock.now());
  const context = { ...clients, ...place, target, params: remediation.params.parse(params), control, now } as never;
  const state = await remediation.read(context);
  return ownerPatch(remediation.declared!(state, remediation.want(state, context), context));
}

describe.each(SCENARIOS.map((scenarios) => [scenarios.remediation.id, scenarios] as const))('%s', (_, scenarios) => {
  it('names well-formed types of CloudFormation and Terraform', async () => {
    const { declared, handles } = scenarios.remediation;
    if (!declared) return handles.controls.forEach((control) => void PATCHES.set(control, undefined));
    const proof = await openProofSandbox(scenarios, { alone: true });
    try {
      for (const control of handles.controls) {
        const patch = await planned(proof, scenarios, control);
        PATCHES.set(control, patch);
        for (const { type } of patch?.cloudFormation ?? []) expect(type).toMatch(/^AWS::\w+::\w+$/);
        for (const { type } of patch?.terraform ?? []) expect(type).toMatch(/^aws_\w+$/);
      }
    } finally {
      await proof.close();
    }
  });
});

/** Changes that remove a part of rules, policies or people, shared snapshots, and settings that neither language has. */
const UNSAID = `
  Account.1 CloudFormation.3 DocumentDB.3 EC2.1 EC2.2 EC2.13 EC2.14 EC2.18 EC2.19 EC2.21 EC2.53 EC2.54 IAM.3 IAM.8 IAM.18
  IAM.22 IAM.26 IAM.27 KMS.3 Lambda.1 Neptune.3 RDS.1 S3.5 SNS.4 SQS.3 SSM.4`;
/** Settings of an account, which CloudFormation does not have. */
const IN_TERRAFORM_ALONE = `
  EC2.7 EMR.2 IAM.7 IAM.10 IAM.11 IAM.12 IAM.13 IAM.14 IAM.15 IAM.16 IAM.17 S3.1 SSM.6 SSM.7`;

it('are all controls but the listed ones', () => {
  const without = (language: 'cloudFormation' | 'terraform') =>
    [...PATCHES].flatMap(([control, patch]) => (patch?.[language] ? [] : [control])).toSorted();
  const named = (text: string) => text.trim().split(/\s+/);
  expect(without('terraform')).toEqual(named(UNSAID).toSorted());
  expect(without('cloudFormation')).toEqual([...named(UNSAID), ...named(IN_TERRAFORM_ALONE)].toSorted());
});
