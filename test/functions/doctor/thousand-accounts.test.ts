/** A thousand accounts on a virtual clock, where each call takes a while and quotas are enforced. */
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examine } from '../../../cli/doctor/examine.ts';
import { answerAccountDoctor } from '../../../functions/account-doctor/routes.ts';
import { accountReads, assumeMember } from '../../../functions/aws/doctor/accounts.ts';
import { listOrganizationAccounts, listRecorderVerdicts } from '../../../functions/aws/doctor/lists.ts';
import { isDenial } from '../../../functions/contract/errors.ts';
import { answerDoctor } from '../../../functions/doctor/routes.ts';
import { API_ROUTES, type ApiRequest } from '../../../functions/domain/api.ts';
import type { DoctorResult } from '../../../functions/domain/doctor.ts';
import { memberRoleDesigns, type RoleDesign, shapeOfDesign } from '../../../functions/domain/member-roles.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { recorderVerdict } from '../../../lab/organization/ready.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { designateAdministrator } from '../../../sandbox/services/securityhub/simulation.ts';
import { memberInstallation } from '../../../stacks/member-role.ts';
import { DOCTOR_TAG, doctorRoleArn } from '../../../stacks/names.ts';
import { SAMPLE_CONTEXT, SERVICE_ACCOUNT } from '../../stacks/templates.ts';
import { DEFAULT_NAMES, MEMBER_DOCTOR_ROLE, MEMBER_ROLE } from '../../support/names.ts';

const COUNT = 1000;
const LATENCY_MS = 40;
const ACCOUNTS = Array.from({ length: COUNT }, (_, n) => String(300_000_000_000 + n));
const DRIFTED = ACCOUNTS[723]!;
const CONTEXT = SAMPLE_CONTEXT;
const REGIONS = CONTEXT.regions;

const facts = memberInstallation(CONTEXT);
const DESIGNS = memberRoleDesigns(facts, REMEDIATIONS.slice(0, 1));
const { rolePath: ROLE_PATH } = DEFAULT_NAMES;
const withoutSlash = ROLE_PATH.slice(1);
const ROLES = {
  partition: 'aws',
  externalId: CONTEXT.externalId,
  tag: DOCTOR_TAG,
  doctor: `${withoutSlash}${MEMBER_DOCTOR_ROLE}`,
  member: `${withoutSlash}${MEMBER_ROLE}`,
};

let sandbox: Sandbox;
beforeAll(async () => {
  const ids = [CONTEXT.securityAccount, SERVICE_ACCOUNT, ...ACCOUNTS];
  sandbox = await createSandbox({
    organization: {
      id: CONTEXT.organizationId,
      managementAccount: '999999999999',
      accounts: ['999999999999', ...ids].map((id) => ({ id, name: id })),
      delegatedAdministrators: { 'securityhub.amazonaws.com': [CONTEXT.securityAccount] },
    },
    homeRegion: CONTEXT.homeRegion,
  });
  designateAdministrator(sandbox.kernel, { account: CONTEXT.securityAccount, region: CONTEXT.homeRegion });
  await createFunctionRole();
  for (const account of ACCOUNTS) {
    for (const design of DESIGNS) await createDesign(account, design);
    for (const region of REGIONS) recorderVerdict({ sandbox, context: CONTEXT }, account, region, 'PASSED');
  }
  const RoleName = MEMBER_ROLE;
  await iam(DRIFTED, 'AttachRolePolicy', { RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
});
afterAll(() => sandbox.close());

const iam = (account: string, operation: string, input: object) => {
  const place = { partition: 'aws', account, region: CONTEXT.homeRegion };
  return sandbox.kernel.call<object, any>(sandbox.kernel.administrator!(account), place, 'iam', operation, input);
};

async function createFunctionRole(): Promise<void> {
  const service = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const [RoleName, path] = [doctorRoleArn(CONTEXT).split('/').at(-1)!, '/suture/remediation/'];
  const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await iam(SERVICE_ACCOUNT, 'CreateRole', {
    ...{ RoleName, Path: path, AssumeRolePolicyDocument: document(service) },
    Tags: [{ Key: 'suture:remediation', Value: DOCTOR_TAG }],
  });
  const sessions = ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'];
  const PolicyDocument = document({ Effect: 'Allow', Action: sessions, Resource: 'arn:aws:iam::*:role/suture/*' });
  await iam(SERVICE_ACCOUNT, 'PutRolePolicy', { RoleName, PolicyName: 'permissions', PolicyDocument });
}

async function createDesign(account: string, design: RoleDesign): Promise<void> {
  const { trust, boundary, attached, inline, tags } = shapeOfDesign(design, 'aws', account);
  for (const { arn, document } of [boundary!, ...attached])
    await iam(account, 'CreatePolicy', {
      ...{ PolicyName: arn.split('/').at(-1), Path: ROLE_PATH },
      PolicyDocument: JSON.stringify(document),
    });
  await iam(account, 'CreateRole', {
    ...{ RoleName: design.name, Path: ROLE_PATH, PermissionsBoundary: boundary!.arn },
    AssumeRolePolicyDocument: JSON.stringify(trust),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  for (const { arn: PolicyArn } of attached)
    await iam(account, 'AttachRolePolicy', { RoleName: design.name, PolicyArn });
  for (const [PolicyName, document] of Object.entries(inline))
    await iam(account, 'PutRolePolicy', {
      ...{ RoleName: design.name, PolicyName },
      PolicyDocument: JSON.stringify(document),
    });
}

/** Every call takes 40 ms of the virtual clock. */
const slowly = () => {
  const { clock } = sandbox.kernel;
  return {
    async handle(request: never) {
      await clock.sleep(LATENCY_MS);
      return sandbox.inProcess.handle(request);
    },
  };
};

async function examineAll() {
  const { kernel } = sandbox;
  const { clock } = kernel;
  const requestHandler = slowly() as never;
  const asFunction = kernel.assumeForService('lambda.amazonaws.com', doctorRoleArn(CONTEXT), 'function');
  const sts = new STSClient({ ...sandbox.clientSettings(asFunction), requestHandler });
  const security = { ...sandbox.administrator(CONTEXT.securityAccount), requestHandler };
  const sleep = (ms: number) => clock.sleep(ms);
  const deps = {
    checks: [],
    regions: REGIONS,
    accounts: async (next?: string) => {
      const page = await listOrganizationAccounts(new OrganizationsClient(security), sleep, next);
      return { ...page, items: page.items.filter(({ id }) => ACCOUNTS.includes(id)) };
    },
    instances: undefined,
    places: { serviceAccount: '222222222222' },
    verdicts: (next?: string) => listRecorderVerdicts(new SecurityHubClient(security), sleep, next),
  };
  const settings = { endpoint: kernel.endpoint, region: CONTEXT.homeRegion, requestHandler };
  const accountDeps = {
    ...{ partition: 'aws', regions: REGIONS, designs: DESIGNS, memberRole: MEMBER_ROLE, isDenial, checks: [] },
    names: DEFAULT_NAMES,
    read: (account: string) => accountReads(sts, ROLES, account, settings),
    assume: (account: string) => assumeMember(sts, ROLES, account, 'doctor-test'),
  };
  const longest = { ms: 0 };
  const api = {
    async call(name: keyof typeof API_ROUTES, { body, query }: { body?: object; query?: Record<string, string> } = {}) {
      const { method, path, to } = API_ROUTES[name];
      const request: ApiRequest = {
        ...{ httpMethod: method, resource: path, queryStringParameters: query, body: JSON.stringify(body) },
        requestContext: { identity: { userArn: 'arn:aws:iam::111111111111:user/vera' } },
      };
      const before = clock.now();
      const reply = await (to === 'doctor' ? answerDoctor(request, deps) : answerAccountDoctor(request, accountDeps));
      longest.ms = Math.max(longest.ms, clock.now() - before);
      return JSON.parse(JSON.stringify(reply.body));
    },
  };
  const first = kernel.calls.length;
  const start = clock.now();
  const results = await examine({ api, progress: () => {} });
  const calls = kernel.calls.slice(first);

  return { results, calls, minutes: (clock.now() - start) / 60_000, longestMs: longest.ms };
}

let examination: Awaited<ReturnType<typeof examineAll>>;
beforeAll(async () => {
  examination = await examineAll();
});

it('are checked within minutes', () => {
  const { results, minutes, longestMs } = examination;
  const problems = results.filter(({ problem }: DoctorResult) => problem !== undefined);
  expect(problems.map(({ check, where }) => [check, where])).toEqual([['role-drift', DRIFTED]]);
  expect(results.filter(({ check }) => check === 'role-assumable')).toHaveLength(COUNT);
  expect(minutes).toBeLessThan(3);
  expect(longestMs).toBeLessThan(29_000);
});

it('are checked within the quotas', () => {
  const { calls } = examination;
  expect(calls.filter(({ error }) => error !== null)).toEqual([]);
  expect(mostInASecond(calls, 'AssumeRole')).toBeLessThanOrEqual(600);
  expect(mostInASecond(calls, 'GetFindings')).toBeLessThanOrEqual(3);
  expect(mostInASecond(calls, 'ListAccounts')).toBeLessThanOrEqual(8);
});

function mostInASecond(calls: Sandbox['kernel']['calls'], operation: string): number {
  const seconds = calls.filter((call) => call.operation === operation).map(({ at }) => Math.floor(at / 1000));
  expect(seconds.length).toBeGreaterThan(0);
  return Math.max(...[...Map.groupBy(seconds, (second) => second).values()].map(({ length }) => length));
}
