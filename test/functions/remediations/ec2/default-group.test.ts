import { CreateNetworkInterfaceCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import cases from '../../../../functions/remediations/ec2/empty-default-security-group/scenarios.ts';
import { HERE, openLab, type Trial } from '../../../../lab/laws/lab.ts';
import { clientsOn } from '../../../../lab/organization/clients.ts';

describe('the default security group of a VPC, unused when its rules were removed and used later', async () => {
  const lab = await openLab(cases);
  afterAll(() => lab.close());
  const arranged = await lab.arrange('it belongs to the default VPC');
  let trial: Trial;
  beforeEach(() => {
    trial = lab.begin(arranged);
  });

  /** Launched without a group of its own, it gets the default one. */
  async function launch() {
    const { ec2 } = clientsOn(lab.sandbox.administrator(HERE.account, HERE.region), { ec2: EC2Client });
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: Subnets![0]!.SubnetId }));
  }

  it('gets its rules back by a rollback', async () => {
    const before = await trial.state();
    expect(await trial.untilSettled()).toMatchObject({ kind: 'fixed' });
    await launch();
    expect(await trial.go('rollback')).toMatchObject({ kind: 'fixed' });
    expect(await trial.state()).toEqual(before);
  });

  it('is emptied to the end by a run that died half-way', async () => {
    for (let dieAt = 0; ((await trial.state()) as { inbound: unknown[] }).inbound.length > 0; dieAt++) {
      trial = lab.begin(arranged);
      await trial.go('apply', { dieAt });
    }
    expect(await trial.state()).toMatchObject({ inbound: [], outbound: [{ protocol: '-1' }] });
    await launch();
    expect(await trial.untilSettled()).toMatchObject({ kind: 'fixed' });
    expect(await trial.state()).toMatchObject({ inbound: [], outbound: [] });
  });

  it('is left alone when it is used before the change begins, and the refusal names the interface', async () => {
    await launch();
    expect(await trial.go('apply')).toEqual({
      kind: 'refused',
      because: expect.stringMatching(/^network interfaces \(eni-[0-9a-f]{17}\) use it: /),
    });
  });
});
