/** Transit gateways and their options. Nothing is attached to them. */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { ec2Arn } from './needs.ts';
import { type Ec2Kind, ec2KindNeed, existingEc2, listedEc2, newEc2Id, removeEc2, shownEc2, storeEc2 } from './plain.ts';
import { type Ec2Operations, ec2Change, ec2Read, invalidEc2Parameter } from './requests.ts';
import type { Ec2At, TransitGateway } from './state.ts';

const TRANSIT_GATEWAY: Ec2Kind<sdk.TransitGateway, TransitGateway> = {
  records: ({ transitGateways }) => transitGateways,
  id: 'TransitGatewayId',
  prefix: 'tgw-',
  type: 'transit-gateway',
  missing: 'InvalidTransitGatewayID.NotFound',
  filters: {
    'transit-gateway-id': ({ id }) => id,
    'owner-id': ({ fields }) => fields.OwnerId,
    'options.auto-accept-shared-attachments': ({ fields }) => fields.Options?.AutoAcceptSharedAttachments,
  },
};

/** For this long, a new or changed gateway is not available. */
const BUSY_MS = 3 * 60_000;
const SWITCHES = [
  'AutoAcceptSharedAttachments',
  'DefaultRouteTableAssociation',
  'DefaultRouteTablePropagation',
  'VpnEcmpSupport',
  'DnsSupport',
] as const;
const DEFAULTS: sdk.TransitGatewayOptions = {
  AmazonSideAsn: 64_512,
  AutoAcceptSharedAttachments: 'disable',
  DefaultRouteTableAssociation: 'enable',
  DefaultRouteTablePropagation: 'enable',
  VpnEcmpSupport: 'enable',
  DnsSupport: 'enable',
  MulticastSupport: 'disable',
};

export const transitGatewayOperations: Ec2Operations = {
  CreateTransitGateway: ec2Change(
    'CreateTransitGateway',
    ['Description', 'Options', 'TagSpecifications'],
    (_, at) => [ec2KindNeed('CreateTransitGateway', TRANSIT_GATEWAY, '*', at)],
    (input, at) => {
      const id = newEc2Id(TRANSIT_GATEWAY, at);
      const fields: sdk.TransitGateway = {
        TransitGatewayArn: ec2Arn(at, 'transit-gateway', id),
        Description: input.Description,
        OwnerId: at.account,
        CreationTime: new Date(at.kernel.clock.now()),
        State: 'pending',
        Options: { ...DEFAULTS, ...checkedOptions('CreateTransitGateway', input.Options) },
      };
      const gateway = storeEc2(
        TRANSIT_GATEWAY,
        { id, fields, settlesAt: settlingTime(at) },
        at,
        input.TagSpecifications,
      );
      return { TransitGateway: shown(gateway, at) };
    },
  ),
  DescribeTransitGateways: ec2Read(
    'DescribeTransitGateways',
    ['TransitGatewayIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const page = listedEc2(TRANSIT_GATEWAY, { ...input, ids: input.TransitGatewayIds }, at);
      return { TransitGateways: page.items.map((gateway) => shown(gateway, at)), NextToken: page.nextToken };
    },
  ),
  ModifyTransitGateway: ec2Change(
    'ModifyTransitGateway',
    ['TransitGatewayId', 'Description', 'Options'],
    (input, at) => [ec2KindNeed('ModifyTransitGateway', TRANSIT_GATEWAY, input.TransitGatewayId, at)],
    (input, at) => {
      const { fields, ...gateway } = availableGateway(input.TransitGatewayId, at);
      const Options = { ...fields.Options, ...checkedOptions('ModifyTransitGateway', input.Options) };
      const changed: sdk.TransitGateway = {
        ...fields,
        State: 'modifying',
        Options,
        Description: input.Description ?? fields.Description,
      };
      storeEc2(TRANSIT_GATEWAY, { ...gateway, fields: changed, settlesAt: settlingTime(at) }, at);
      return { TransitGateway: shown({ ...gateway, fields: changed, settlesAt: settlingTime(at) }, at) };
    },
  ),
  DeleteTransitGateway: ec2Change(
    'DeleteTransitGateway',
    ['TransitGatewayId'],
    (input, at) => [ec2KindNeed('DeleteTransitGateway', TRANSIT_GATEWAY, input.TransitGatewayId, at)],
    (input, at) => {
      const gateway = availableGateway(input.TransitGatewayId, at);
      removeEc2(TRANSIT_GATEWAY, gateway, at);
      return { TransitGateway: { ...shownEc2(TRANSIT_GATEWAY, gateway, at), State: 'deleting' } };
    },
  ),
};

const settlingTime = (at: Ec2At): number => at.kernel.clock.now() + BUSY_MS;

const stateOf = ({ fields, settlesAt }: TransitGateway, at: Ec2At) =>
  at.kernel.clock.now() < settlesAt ? fields.State : 'available';

const shown = (gateway: TransitGateway, at: Ec2At): sdk.TransitGateway => ({
  ...shownEc2(TRANSIT_GATEWAY, gateway, at),
  State: stateOf(gateway, at),
});

function availableGateway(id: string | undefined, at: Ec2At): TransitGateway {
  const gateway = existingEc2(TRANSIT_GATEWAY, id, at);
  const state = stateOf(gateway, at);
  if (state !== 'available') throw new AwsError('IncorrectState', `${id} is in invalid state: ${state}`);
  return gateway;
}

type Options = sdk.TransitGatewayRequestOptions & sdk.ModifyTransitGatewayOptions;

function checkedOptions(operation: string, options: Options | undefined): sdk.TransitGatewayOptions {
  const isNew = operation === 'CreateTransitGateway';
  onlyMembers(`Options of ${operation}`, options ?? {}, [...SWITCHES, ...(isNew ? (['AmazonSideAsn'] as const) : [])]);
  for (const name of SWITCHES) {
    const value = options?.[name];
    if (value !== undefined && value !== 'enable' && value !== 'disable')
      throw invalidEc2Parameter(`Invalid value '${value}' for ${name}. Expecting 'enable' or 'disable'.`);
  }
  return { ...(options as sdk.TransitGatewayOptions) };
}
