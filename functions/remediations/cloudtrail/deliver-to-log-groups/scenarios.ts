import type { CreateTrailCommandInput } from '@aws-sdk/client-cloudtrail';
import type { Clients, Place } from '../../../contract/remediation.ts';
import { type AddFault, type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { createLogDestination } from '../../kit/log-destination-fixture.ts';
import { anotherRegion, clientIn } from '../../kit/other-region.ts';
import { trail, trailResource } from '../../kit/trail-fixture.ts';
import { DELIVERY_CLIENTS, tagTrail } from '../fixtures.ts';
import deliverToLogGroups from './index.ts';

type Step = Arrange<Clients<typeof DELIVERY_CLIENTS>, any>;

const TRAILS = 'cloudtrail.amazonaws.com';
const NAMED = { logGroupName: 'trail-{account}', roleName: 'trail-logs' };
const TERRAFORM = [{ Key: 'managed-by', Value: 'terraform' }];

const namedIn = ({ account }: Place) => ({ ...NAMED, logGroupName: `trail-${account}` });

/** Creates what policy names in the account, and a trail that does not deliver to it. */
const withDestination =
  (settings: Partial<CreateTrailCommandInput> = {}): Step =>
  async (clients, context) => {
    await createNamed(clients, context);
    return trail(clients.cloudtrail, clients.s3, context, settings);
  };

const createNamed: AddFault<Clients<typeof DELIVERY_CLIENTS>, any> = (clients, context) =>
  createLogDestination(clients, context, namedIn(context), TRAILS);

const delivering: Step = async (clients, context) => {
  const own = await createLogDestination(clients, context, { logGroupName: 'own', roleName: 'own-logs' }, TRAILS);
  return trail(clients.cloudtrail, clients.s3, context, own);
};

const untrusting: Step = async (clients, context) => {
  const destination = { ...namedIn(context), roleName: 'lambda-logs' };
  await createLogDestination(clients, context, destination, 'lambda.amazonaws.com');
  return trail(clients.cloudtrail, clients.s3, context);
};

const elsewhere: Step = async (clients, context) => {
  await createNamed(clients, context);
  const there = clientIn(anotherRegion(context), clients.cloudtrail);
  return trail(there, clients.s3, context, { IsMultiRegionTrail: true });
};

export default defineScenarios(deliverToLogGroups, {
  clients: DELIVERY_CLIENTS,
  faulty: withDestination(),
  // No other fault of a trail delivers it.
  fault: createNamed,
  tag: tagTrail,
  scenarios: {
    'policy names a log group and a role': { params: NAMED, expected: 'FIXED' },
    'policy names them, and Terraform manages the trail of all Regions': {
      params: NAMED,
      arrange: withDestination({ IsMultiRegionTrail: true, TagsList: TERRAFORM }),
      expected: 'FIXED',
    },
    'policy names nothing': { expected: 'REFUSED' },
    'policy names no role': { params: { logGroupName: NAMED.logGroupName }, expected: 'REFUSED' },
    'the log group does not exist': { params: { ...NAMED, logGroupName: 'no-such-group' }, expected: 'REFUSED' },
    'the role does not exist': { params: { ...NAMED, roleName: 'no-such-role' }, expected: 'REFUSED' },
    'the role trusts another service': {
      params: { ...NAMED, roleName: 'lambda-logs' },
      arrange: untrusting,
      expected: 'REFUSED',
    },
    'it delivers to another log group already': { params: NAMED, arrange: delivering, expected: 'COMPLIANT' },
    'the trail is at home in another Region': { params: NAMED, arrange: elsewhere, expected: 'REFUSED' },
    'the trail is gone': {
      params: NAMED,
      arrange: async (_, context) => trailResource(context),
      expected: 'COMPLIANT',
    },
  },
});
