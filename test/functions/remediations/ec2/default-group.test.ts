import { CreateNetworkInterfaceCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import scenarios from '../../../../functions/remediations/ec2/empty-default-security-group/scenarios.ts';
import { FINDING_PLACE } from '../../../../lab/laws/places.ts';
import { openProofSandbox } from '../../../../lab/laws/proof-sandbox.ts';
import type { ScenarioRun } from '../../../../lab/laws/scenario-run.ts';
import { clientsOn } from '../../../../lab/organization/clients.ts';

describe('a default security group that comes into use after its rules were removed', async () => {
  const proof = await openProofSandbox(scenarios);
  afterAll(() => proof.close());
  const arranged = await proof.arrange('it belongs to the default VPC');
  let run: ScenarioRun;
  beforeEach(() => {
    run = proof.start(arranged);
  });

  /** An instance or interface without a group gets the default group. */
  async function createNetworkInterface() {
    const { ec2 } = clientsOn(proof.sandbox.administrator(FINDING_PLACE.account, FINDING_PLACE.region), {
      ec2: EC2Client,
    });
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: Subnets![0]!.SubnetId }));
  }

  it('gets its rules back in a rollback', async () => {
    const before = await run.state();
    expect(await run.applyUntilSettled()).toMatchObject({ kind: 'fixed' });
    await createNetworkInterface();
    expect(await run.invoke('rollback')).toMatchObject({ kind: 'fixed' });
    expect(await run.state()).toEqual(before);
  });

  it('is emptied by the run after one that died half-way', async () => {
    for (let dieAt = 0; ((await run.state()) as { inbound: unknown[] }).inbound.length > 0; dieAt++) {
      run = proof.start(arranged);
      await run.invoke('apply', { dieAt });
    }
    expect(await run.state()).toMatchObject({ inbound: [], outbound: [{ protocol: '-1' }] });
    await createNetworkInterface();
    expect(await run.applyUntilSettled()).toMatchObject({ kind: 'fixed' });
    expect(await run.state()).toMatchObject({ inbound: [], outbound: [] });
  });

  it('is left alone if it is in use before the change begins, and the refusal names the interface', async () => {
    await createNetworkInterface();
    expect(await run.invoke('apply')).toEqual({
      kind: 'refused',
      because: expect.stringMatching(/^network interfaces \(eni-[0-9a-f]{17}\) use it: /),
    });
  });
});
