import * as z from 'zod';
import { API_ROUTES, type ApiReply, type ApiRequest, jsonBody, refusal } from '../domain/api.ts';
import {
  CheckAccountsRequest,
  CompareRolesRequest,
  type DoctorCheck,
  type DoctorResult,
  runChecks,
} from '../domain/doctor.ts';
import { type AccountDeps, checkAccounts } from './account-checks.ts';
import { compareRoles } from './compare-roles.ts';

export type AccountDoctorDeps = AccountDeps & { readonly checks: readonly DoctorCheck[] };

/** Answers the service account's part of doctor. */
export async function answerAccountDoctor(request: ApiRequest, deps: AccountDoctorDeps): Promise<ApiReply> {
  const route = `${request.httpMethod} ${request.resource}`;
  const is = ({ method, path }: (typeof API_ROUTES)[keyof typeof API_ROUTES]) => route === `${method} ${path}`;
  if (is(API_ROUTES.checkService)) return { status: 200, body: { results: await runChecks(deps.checks) } };
  if (is(API_ROUTES.checkAccounts))
    return answerWith(CheckAccountsRequest, request, (order) => checkAccounts(order, deps));
  if (is(API_ROUTES.compareRoles))
    return answerWith(CompareRolesRequest, request, (order) => compareRoles(order, deps));
  return refusal(404, `Doctor has no ${route}.`);
}

async function answerWith<T>(
  schema: z.ZodType<T>,
  request: ApiRequest,
  answer: (order: T) => Promise<DoctorResult[]>,
): Promise<ApiReply> {
  const order = schema.safeParse(jsonBody(request));
  if (!order.success) return refusal(400, z.prettifyError(order.error));
  return { status: 200, body: { results: await answer(order.data) } };
}
