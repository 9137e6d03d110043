/** The API by which people change things: its routes, and its requests as API Gateway passes them to functions. */
import * as z from 'zod';
import type { RunKind } from './api-runs.ts';

export type ApiRoute = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  /** The function that answers. */
  readonly to: 'approvals' | 'api' | 'doctor' | 'account-doctor';
};

const runRoutes = <K extends RunKind>(kind: K) =>
  ({
    [`begin ${kind}`]: { method: 'POST', path: `/${kind}`, to: 'api' },
    [`do ${kind}`]: { method: 'POST', path: `/${kind}/{run}`, to: 'api' },
    [`end ${kind}`]: { method: 'PATCH', path: `/${kind}/{run}`, to: 'api' },
  }) as Record<`${'begin' | 'do' | 'end'} ${K}`, ApiRoute>;

/** Stacks create them, functions answer them, and people's permissions name them. */
export const API_ROUTES = {
  listApprovals: { method: 'GET', path: '/approvals', to: 'approvals' },
  showApproval: { method: 'GET', path: '/approvals/{id}', to: 'approvals' },
  answerApproval: { method: 'POST', path: '/approvals/{id}', to: 'approvals' },
  ...runRoutes('replays'),
  ...runRoutes('rollbacks'),
  ...runRoutes('redrives'),
  ...runRoutes('event-replays'),
  ...runRoutes('backfills'),
  stop: { method: 'POST', path: '/stop', to: 'api' },
  announce: { method: 'POST', path: '/announcements', to: 'api' },
  listMessagePlaces: { method: 'GET', path: '/messages', to: 'api' },
  testMessagePlace: { method: 'POST', path: '/messages', to: 'api' },
  addPolicy: { method: 'POST', path: '/policies', to: 'api' },
  deployPolicy: { method: 'POST', path: '/policies/{version}', to: 'api' },
  listProposals: { method: 'GET', path: '/proposals', to: 'api' },
  showProposal: { method: 'GET', path: '/proposals/{id}', to: 'api' },
  answerProposal: { method: 'POST', path: '/proposals/{id}', to: 'api' },
  resume: { method: 'POST', path: '/resume', to: 'api' },
  readIpRanges: { method: 'POST', path: '/ip-ranges/reads', to: 'api' },
  changeIpRanges: { method: 'POST', path: '/ip-ranges/changes', to: 'api' },
  ipRangesResult: { method: 'GET', path: '/ip-ranges/results/{id}', to: 'api' },
  planIpRangesDocument: { method: 'POST', path: '/ip-ranges/documents', to: 'api' },
  proposeIpRanges: { method: 'POST', path: '/ip-ranges/proposals', to: 'api' },
  checkOrganization: { method: 'GET', path: '/doctor/organization', to: 'doctor' },
  listDoctorAccounts: { method: 'GET', path: '/doctor/accounts', to: 'doctor' },
  listStackInstances: { method: 'GET', path: '/doctor/instances', to: 'doctor' },
  showInstallation: { method: 'GET', path: '/doctor/installation', to: 'doctor' },
  listRecorderVerdicts: { method: 'GET', path: '/doctor/recorders', to: 'doctor' },
  checkService: { method: 'GET', path: '/doctor/service', to: 'account-doctor' },
  checkAccounts: { method: 'POST', path: '/doctor/accounts', to: 'account-doctor' },
  compareRoles: { method: 'POST', path: '/doctor/roles', to: 'account-doctor' },
} as const satisfies Readonly<Record<string, ApiRoute>>;
export type ApiRouteName = keyof typeof API_ROUTES;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
export const ApiRequest = z.object({
  httpMethod: z.string(),
  /** The path with its parameters' names: `/approvals/{id}`. */
  resource: z.string(),
  pathParameters: z.record(z.string(), z.string()).nullish(),
  queryStringParameters: z.record(z.string(), z.string()).nullish(),
  /** API Gateway sets the identity from the signature; no sender can. */
  requestContext: z.object({ identity: z.object({ userArn: z.string().min(1) }) }),
  body: z.string().nullish(),
});
export type ApiRequest = z.infer<typeof ApiRequest>;

export const signerOf = ({ requestContext }: ApiRequest): string => requestContext.identity.userArn;

/** Returns undefined if the body is not JSON. */
export function jsonBody({ body }: ApiRequest): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}

export type ApiReply = { readonly status: number; readonly body: object };

export const refusal = (status: number, message: string): ApiReply => ({ status, body: { message } });

export const proxyResult = ({ status, body }: ApiReply) => ({
  statusCode: status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
