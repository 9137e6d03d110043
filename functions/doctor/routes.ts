import { API_ROUTES, type ApiReply, type ApiRequest, refusal } from '../domain/api.ts';
import {
  type DoctorAccount,
  type DoctorCheck,
  type InstallationPlaces,
  type RecorderVerdict,
  runChecks,
  type StackInstance,
} from '../domain/doctor.ts';

type Page<T> = { readonly items: T[]; readonly next?: string | undefined };

export type DoctorDeps = {
  readonly checks: readonly DoctorCheck[];
  readonly regions: readonly string[];
  readonly places: InstallationPlaces;
  readonly accounts: (next?: string) => Promise<Page<DoctorAccount>>;
  /** Undefined if the installation has no StackSet. */
  readonly instances: ((next?: string) => Promise<Page<StackInstance>>) | undefined;
  readonly verdicts: (next?: string) => Promise<Page<RecorderVerdict>>;
};

/** Answers the security account's part of doctor. */
export async function answerDoctor(
  { httpMethod, resource, queryStringParameters }: ApiRequest,
  deps: DoctorDeps,
): Promise<ApiReply> {
  const next = queryStringParameters?.next;
  const route = `${httpMethod} ${resource}`;
  const is = ({ method, path }: (typeof API_ROUTES)[keyof typeof API_ROUTES]) => route === `${method} ${path}`;
  const ok = (body: object): ApiReply => ({ status: 200, body });
  if (is(API_ROUTES.checkOrganization)) return ok({ results: await runChecks(deps.checks) });
  if (is(API_ROUTES.showInstallation)) return ok(deps.places);
  if (is(API_ROUTES.listDoctorAccounts)) {
    const page = await deps.accounts(next);
    return ok({ accounts: page.items, next: page.next });
  }
  if (is(API_ROUTES.listStackInstances)) {
    const page = await deps.instances?.(next);
    return ok({ instances: page?.items, next: page?.next });
  }
  if (is(API_ROUTES.listRecorderVerdicts)) {
    const page = await deps.verdicts(next);
    return ok({ verdicts: page.items, regions: deps.regions, next: page.next });
  }
  return refusal(404, `Doctor has no ${route}.`);
}
