/** The parts of a sandbox that function instances need. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../../../sandbox/kernel/clock.ts';
import type { AwsPlace, IamDecision, Kernel, Need, Principal } from '../../../sandbox/kernel/kernel.ts';
import type { FunctionCode } from '../../../sandbox/runtime/function-code.ts';

export const NOON = Date.UTC(2026, 10, 22, 12);

/** Each call of `credentials` returns another access key: AKIA1, AKIA2, … */
export const fakeKernel = (parts: Partial<Kernel> = {}): Kernel => {
  let keys = 0;
  let ids = 0;
  return {
    clock: createClock({ virtual: true, start: NOON }),
    partition: 'aws',
    organizationId: 'o-exampleorgid',
    endpoint: 'http://127.0.0.1:9',
    calls: [],
    decisions: [],
    faults: [],
    random: () => 0.5,
    id: (prefix: string, digits: number) => prefix + String(++ids).padStart(digits, '0'),
    pinId: () => {},
    uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    authorize: (principal: Principal, place: AwsPlace, { action, resource }: Need): IamDecision => ({
      ...place,
      action,
      resource,
      principal: 'arn' in principal ? principal.arn : principal.service,
      decision: 'Allow',
      by: [],
    }),
    assumeForService: (service: string, role: string, sessionName: string) => sessionOf(service, role, sessionName),
    credentials: () => ({ accessKeyId: `AKIA${++keys}`, secretAccessKey: 'secret', sessionToken: 'token' }),
    ...parts,
  } as Kernel;
};

const sessionOf = (service: string, role: string, sessionName: string): Principal => ({
  kind: 'session',
  arn: `${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}`,
  account: '111111111111',
  role,
  userId: `AROAEXAMPLE:${sessionName}:${service}`,
  sessionTags: {},
  issuedAt: NOON,
});

/** Exists as long as the process: test files that share it also share this module. */
const scratch = mkdtempSync(join(tmpdir(), 'suture-bundles-'));
process.once('exit', () => rmSync(scratch, { recursive: true }));

export const bundle = (source: string): string => {
  const directory = mkdtempSync(join(scratch, 'bundle-'));
  writeFileSync(join(directory, 'index.mjs'), source);
  return directory;
};

export const functionCode = (source: string, parts: Partial<FunctionCode> = {}): FunctionCode => {
  const name = parts.name ?? 'greet';
  return {
    account: '111111111111',
    region: 'eu-central-1',
    name,
    version: '$LATEST',
    revision: '1',
    arn: `arn:aws:lambda:eu-central-1:111111111111:function:${name}`,
    role: 'arn:aws:iam::111111111111:role/greeter',
    directory: bundle(source),
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    memoryMb: 256,
    timeoutSeconds: 30,
    logGroupName: `/aws/lambda/${name}`,
    variables: {},
    ...parts,
  };
};
