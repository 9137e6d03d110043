/**
 * Asks CloudFormation which stack has a resource.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
 */
import {
  type CloudFormationClient,
  DescribeStackResourcesCommand,
  type DescribeStackResourcesCommandInput,
  type StackResource,
} from '@aws-sdk/client-cloudformation';
import { isDenial, isNamed } from '../contract/errors.ts';
import { placeOfStack, type StackClaim } from '../domain/managed.ts';
import type { FindStack, StackQuestion } from '../ports/find-stack.ts';

/** An answer of this length may lack the resource itself. */
const MAX_RESOURCES = 100;

/** Asks for the stack that the tags name, then for any stack. */
export const stackFinder =
  (clientIn: (region: string) => Pick<CloudFormationClient, 'send'>): FindStack =>
  async (question) =>
    (await claimedStack(question, clientIn)) ?? anyStack(question, clientIn(question.region ?? question.askedIn));

type ClientIn = (region: string) => Pick<CloudFormationClient, 'send'>;

async function claimedStack(question: StackQuestion, clientIn: ClientIn): Promise<StackClaim | undefined> {
  const { claim, region, askedIn, account, resource } = question;
  const { id, logicalId } = claim ?? {};
  const place = id === undefined ? undefined : placeOfStack(id);
  // Tags that a snapshot or a copy brought along name another account's or Region's stack.
  if (!claim || !place || logicalId === undefined || place.account !== account) return undefined;
  if (region !== undefined && place.region !== region) return undefined;
  try {
    const found = await describe(clientIn(place.region), { StackName: id, LogicalResourceId: logicalId });
    const match = found?.find((each) => isSame(each, resource, true));
    return match && { ...claim, ...changeOf(match) };
  } catch (error) {
    // The member role's Regions need not include that of a global resource's stack.
    if (isDenial(error) && place.region !== askedIn) return claim;
    throw error;
  }
}

async function anyStack(
  { resource }: StackQuestion,
  client: Pick<CloudFormationClient, 'send'>,
): Promise<StackClaim | undefined> {
  for (const id of resource.ids) {
    const found = await describe(client, { PhysicalResourceId: id });
    const match = found?.find((each) => isSame(each, resource, false));
    const isCut =
      found && found.length >= MAX_RESOURCES && !found.some(({ PhysicalResourceId }) => PhysicalResourceId === id);
    const { StackId, StackName, LogicalResourceId } =
      match ?? (isCut ? { ...found[0], LogicalResourceId: undefined } : {});
    if (StackId && StackName)
      return {
        ...{ id: StackId, name: StackName },
        ...(LogicalResourceId !== undefined && { logicalId: LogicalResourceId }),
        ...changeOf(match),
      };
  }
  return undefined;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResource.html */
const changeOf = (resource: StackResource | undefined): Pick<StackClaim, 'changedAt'> =>
  resource?.Timestamp ? { changedAt: resource.Timestamp.getTime() } : {};

/** @param isClaimed the tags name this resource of the stack, so that a physical id that is a name counts */
function isSame(
  { ResourceType = '', PhysicalResourceId = '', ResourceStatus }: StackResource,
  { types, ids, idForm }: StackQuestion['resource'],
  isClaimed: boolean,
): boolean {
  if (types && !types.includes(ResourceType)) return false;
  // The stack was deleted without this resource, or its template retained it: no stack manages it now.
  if (ResourceStatus === 'DELETE_COMPLETE' || ResourceStatus === 'DELETE_SKIPPED') return false;
  return ids.includes(PhysicalResourceId) || (isClaimed && idForm !== undefined && !idForm.test(PhysicalResourceId));
}

/** Returns undefined if there is no such stack or resource. */
async function describe(
  client: Pick<CloudFormationClient, 'send'>,
  input: DescribeStackResourcesCommandInput,
): Promise<readonly StackResource[] | undefined> {
  try {
    return (await client.send(new DescribeStackResourcesCommand(input))).StackResources ?? [];
  } catch (error) {
    if (isNamed(error, 'ValidationError') && /does not exist/.test((error as Error).message)) return undefined;
    throw error;
  }
}
