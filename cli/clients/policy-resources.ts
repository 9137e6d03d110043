/** The resources of AppConfig in which the policy is stored. */
import {
  type AppConfigClient,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListEnvironments,
} from '@aws-sdk/client-appconfig';
import { Unreachable } from '../errors/unreachable.ts';
import { installedNames } from './installed-names.ts';

export type PolicyResources = {
  readonly client: AppConfigClient;
  readonly profile: { readonly ApplicationId: string; readonly ConfigurationProfileId: string };
  readonly environment: { readonly ApplicationId: string; readonly EnvironmentId: string };
};

/** @throws Unreachable if the security stack is not deployed in the client's account and Region */
export async function findPolicyResources(client: AppConfigClient): Promise<PolicyResources> {
  const names = installedNames().policy;
  const application = await findByName(paginateListApplications({ client }, {}), names.application, 'application');
  const ApplicationId = application.Id!;
  const [environment, profile] = await Promise.all([
    findByName(paginateListEnvironments({ client }, { ApplicationId }), names.environment, 'environment'),
    findByName(
      paginateListConfigurationProfiles({ client }, { ApplicationId }),
      names.profile,
      'configuration profile',
    ),
  ]);
  return {
    client,
    profile: { ApplicationId, ConfigurationProfileId: profile.Id! },
    environment: { ApplicationId, EnvironmentId: environment.Id! },
  };
}

async function findByName<T extends { Id?: string; Name?: string }>(
  pages: AsyncIterable<{ Items?: T[] }>,
  name: string,
  kind: string,
): Promise<T> {
  const item = (await appConfigItems(pages)).find(({ Name }) => Name === name);
  if (item) return item;
  throw new Unreachable(
    `AppConfig has no ${kind} "${name}" here. Use credentials of the security account and its home Region, and deploy ${installedNames().stack('Policy')} first.`,
  );
}

/** Reads every page. */
export async function appConfigItems<T>(pages: AsyncIterable<{ Items?: T[] }>): Promise<T[]> {
  const items: T[] = [];
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}
