import type * as sdk from '@aws-sdk/client-iam';
import type { ServiceOperations } from '../../kernel/kernel.ts';
import { emptyRead } from '../empty-reads.ts';
import { onlyMembers } from '../requests.ts';
import { needsOnPolicy, needsOnUser } from './needs.ts';
import { existingPolicy } from './policies.ts';
import { iamPage, iamTagList } from './requests.ts';
import type { IamState } from './state.ts';
import { describeUser } from './users.ts';

/** Reads that scanners make, of providers and credentials that nobody can make here. */
export const emptyIamReads: ServiceOperations<typeof sdk, IamState> = {
  ListSAMLProviders: emptyRead('ListSAMLProviders', [], { SAMLProviderList: [] }),
  ListOpenIDConnectProviders: emptyRead('ListOpenIDConnectProviders', [], { OpenIDConnectProviderList: [] }),
  ListAccountAliases: emptyRead('ListAccountAliases', ['Marker', 'MaxItems'], {
    AccountAliases: [],
    IsTruncated: false,
  }),
  ListOrganizationsFeatures: emptyRead('ListOrganizationsFeatures', [], { EnabledFeatures: [] }),
  ListServiceSpecificCredentials: {
    ...emptyRead('ListServiceSpecificCredentials', ['UserName', 'ServiceName', 'Marker', 'MaxItems'], {
      ServiceSpecificCredentials: [],
    }),
    needs: needsOnUser('ListServiceSpecificCredentials'),
  },
  ListPolicyTags: {
    needs: needsOnPolicy('ListPolicyTags'),
    run(input, at) {
      const { items, ...rest } = iamPage(iamTagList(existingPolicy(at.state, input.PolicyArn).tags), input);
      return { Tags: items, ...rest };
    },
  },
  ListVirtualMFADevices: {
    run(input, at) {
      onlyMembers('ListVirtualMFADevices', input, ['AssignmentStatus', 'Marker', 'MaxItems']);
      const { AssignmentStatus = 'Any' } = input;
      const found = [...at.state.mfaDevices.values()].filter(
        ({ user }) => AssignmentStatus === 'Any' || (user !== undefined) === (AssignmentStatus === 'Assigned'),
      );
      const { items, ...rest } = iamPage(found, input);
      return {
        VirtualMFADevices: items.map(({ serial, user, enabledAt }) => ({
          SerialNumber: serial,
          ...(user !== undefined && { User: describeUser(at.state.users.get(user)!) }),
          ...(enabledAt && { EnableDate: enabledAt }),
        })),
        ...rest,
      };
    },
  },
};
