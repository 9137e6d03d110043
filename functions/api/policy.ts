import * as z from 'zod';
import { AddPolicyRequest } from '../domain/api-policy.ts';
import type { PolicyDeployments } from '../ports/policy-deployments.ts';
import { type ApiAction, body, Refused } from './action.ts';

export type PolicyDeps = { readonly policies: PolicyDeployments };

const Version = z.coerce.number().int().positive();

export const addPolicy: ApiAction<PolicyDeps> = async (request, _actor, { policies }) => {
  const { policy, after } = body(AddPolicyRequest, request);
  const added = await policies.add(policy, after);
  if (added.kind === 'outdated')
    throw new Refused(
      409,
      'Somebody else added a version of the policy in the meantime. Look at the difference again.',
    );
  return { version: added.version };
};

export const deployVersion: ApiAction<PolicyDeps> = async (request, actor, { policies }) => {
  const version = Version.safeParse(request.pathParameters?.version).data;
  const result = version === undefined ? { kind: 'unknown' as const } : await policies.deploy(version, actor);
  switch (result.kind) {
    case 'started':
      return { deployment: result.deployment };
    case 'unknown':
      throw new Refused(404, `There is no version ${request.pathParameters?.version} of the policy.`);
    case 'busy':
      throw new Refused(
        409,
        `Another deployment is in progress. Version ${version} was added, but not deployed. Try again.`,
      );
    default:
      throw new Refused(
        400,
        `AppConfig refused version ${version}; the previous policy stays deployed. ${result.because}`,
      );
  }
};
