/** Synthesis refuses a boundary that allows more than `boundary.json`, which somebody acknowledged. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import {
  BoundaryError,
  boundariesOf,
  checkBoundaries,
  growthOf,
  readAcknowledged,
} from '../../stacks/boundary-acknowledgement.ts';
import { parseContext } from '../../stacks/context.ts';
import { copyRepository, type RepositoryCopy } from '../support/copy.ts';
import { SAMPLE_CONTEXT } from './templates.ts';

describe('a boundary', () => {
  it.each([
    ['another action', ['ec2:CreateTags'], ['ec2:DeleteTags'], ['ec2:CreateTags']],
    ['the same action', ['ec2:CreateTags'], ['ec2:CreateTags'], []],
    ['an action of a service that was acknowledged', ['ec2:CreateTags', 'ec2:Describe*'], ['ec2:*'], []],
    ['all reads of a service', ['ec2:Describe*'], ['ec2:DescribeVpcs'], ['ec2:Describe*']],
    ['a whole service', ['ec2:*'], ['ec2:Describe*', 'ec2:CreateTags'], ['ec2:*']],
    ['a service whose name begins alike', ['s3express:Get*'], ['s3:*'], ['s3express:Get*']],
    [
      'more sessions',
      ['iam:PassRole in sessions with a=b'],
      ['iam:PassRole in sessions with a=c'],
      ['iam:PassRole in sessions with a=b'],
    ],
    ['any session', ['iam:PassRole'], ['iam:PassRole in sessions with a=b'], ['iam:PassRole']],
    ['some of the sessions', ['iam:PassRole in sessions with a=b'], ['iam:PassRole'], []],
    ['less', [], ['ec2:CreateTags'], []],
  ])('that allows %s', (_, allowed, acknowledged, added) => {
    expect(growthOf({ role: allowed }, { role: acknowledged })).toEqual(added.length > 0 ? { role: added } : {});
  });

  it('of a new role is new as a whole', () => {
    expect(growthOf({ other: ['ec2:CreateTags'] }, { role: ['ec2:*'] })).toEqual({ other: ['ec2:CreateTags'] });
  });

  it('of this repository is exactly the acknowledged one', () => {
    expect(readAcknowledged()).toEqual(boundariesOf(SAMPLE_CONTEXT, REMEDIATIONS));
  });

  it('is the same for every prefix, so that installations share the file', () => {
    const staging = parseContext({ ...SAMPLE_CONTEXT, prefix: 'staging' });
    expect(boundariesOf(staging, REMEDIATIONS)).toEqual(boundariesOf(SAMPLE_CONTEXT, REMEDIATIONS));
  });

  it('that grew is refused with each new action and its role', () => {
    const [first, ...others] = REMEDIATIONS;
    const added = {
      actions: ['ec2:TerminateInstances', 'iam:CreateUser'],
      resources: ['*'],
      because: 'a dummy',
    } as const;
    const grown = { ...first!, writes: [...first!.writes, added] };
    const check = () => checkBoundaries(SAMPLE_CONTEXT, [grown, ...others]);
    expect(check).toThrow(BoundaryError);
    // The whole service, if there is no room for another action.
    expect(check).toThrow(/suture-member: ec2:(TerminateInstances|\*)$/m);
    expect(check).toThrow(`suture-member: iam:CreateUser in sessions with suture:remediation=${first!.id}`);
    expect(check).toThrow('npm run acknowledge-boundary');
  });
});

describe('the synthesis', () => {
  let copy: RepositoryCopy;
  beforeAll(async () => {
    copy = await copyRepository();
  });
  afterAll(() => copy.remove());

  it('fails if the boundary grew, until the command acknowledges it', async () => {
    const file = join(copy.root, 'boundary.json');
    const acknowledged = await readFile(file, 'utf8');
    await writeFile(file, acknowledged.replace(/ *"ec2:AuthorizeSecurityGroupIngress",\n/, ''));
    const refused = await copy.script('synth');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('suture-member: ec2:AuthorizeSecurityGroupIngress\n');
    const command = /npm run acknowledge-boundary/.exec(refused.out)![0];
    const { code, out } = await copy.script(command.split(' ').at(-1)!);
    expect({ code, out }).toEqual({ code: 0, out: '+ suture-member: ec2:AuthorizeSecurityGroupIngress\n' });
    expect(await readFile(file, 'utf8')).toBe(acknowledged);
    expect((await copy.script(command.split(' ').at(-1)!)).out).toContain('as acknowledged');
  });
});
