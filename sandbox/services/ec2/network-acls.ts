/** Network ACLs and their entries. Each subnet is in the default ACL of its VPC. */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';
import { ec2Need } from './needs.ts';
import { createdOnce } from './plain.ts';
import {
  applyFilters,
  checkIdForm,
  type Ec2Operations,
  ec2Change,
  ec2Page,
  ec2Read,
  invalidEc2Parameter,
  missingEc2Parameter,
} from './requests.ts';
import { aclEntries, aclEntryName, type Ec2At, type NetworkAcl } from './state.ts';
import { describeTags, tagNewResource } from './tags.ts';
import { existingVpc } from './vpcs.ts';

/** In one direction, with the default entry: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
const MAX_ENTRIES = 20;
const ENTRY_MEMBERS = [
  'NetworkAclId',
  'RuleNumber',
  'Protocol',
  'RuleAction',
  'Egress',
  'CidrBlock',
  'Ipv6CidrBlock',
  'IcmpTypeCode',
  'PortRange',
] as const;

export const networkAclOperations: Ec2Operations = {
  CreateNetworkAcl: ec2Change(
    'CreateNetworkAcl',
    ['VpcId', 'TagSpecifications', 'ClientToken'],
    (input, at) => [
      ec2Need('CreateNetworkAcl', 'network-acl', '*', at, input.VpcId),
      ec2Need('CreateNetworkAcl', 'vpc', input.VpcId ?? '*', at),
    ],
    (input, at) => {
      const { id: vpcId } = existingVpc(input.VpcId ?? '', at);
      const acl = createdOnce<NetworkAcl>(at.state.acls, input.ClientToken, at, () => {
        const created = { id: at.kernel.id('acl-', 17), vpcId, isDefault: false, entries: aclEntries(false) };
        at.state.acls.set(created.id, created);
        tagNewResource(created.id, input.TagSpecifications, at);
        return created;
      });
      return { NetworkAcl: describeAcl(acl, at) };
    },
  ),
  DeleteNetworkAcl: ec2Change(
    'DeleteNetworkAcl',
    ['NetworkAclId'],
    (input, at) => [aclNeed('DeleteNetworkAcl', input.NetworkAclId, at)],
    (input, at) => {
      const { id, isDefault } = existingAcl(input.NetworkAclId, at);
      // AWS refuses it. The sandbox knows no source for its error.
      if (isDefault) throw notModelled('that somebody deletes a default network ACL');
      at.state.acls.delete(id);
      at.state.tags.delete(id);
      return {};
    },
  ),
  DescribeNetworkAcls: ec2Read(
    'DescribeNetworkAcls',
    ['NetworkAclIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const { NetworkAclIds, Filters } = input;
      const acls = NetworkAclIds?.length ? NetworkAclIds.map((id) => existingAcl(id, at)) : at.state.acls.values();
      const filters = {
        'network-acl-id': ({ id }: NetworkAcl) => id,
        'vpc-id': ({ vpcId }: NetworkAcl) => vpcId,
        default: ({ isDefault }: NetworkAcl) => String(isDefault),
        'association.subnet-id': (acl: NetworkAcl) => subnetsOfAcl(acl, at),
      };
      const page = ec2Page(applyFilters(acls, Filters, filters, at), input);
      return { NetworkAcls: page.items.map((acl) => describeAcl(acl, at)), NextToken: page.nextToken };
    },
  ),
  CreateNetworkAclEntry: ec2Change(
    'CreateNetworkAclEntry',
    ENTRY_MEMBERS,
    (input, at) => [aclNeed('CreateNetworkAclEntry', input.NetworkAclId, at)],
    (input, at) => {
      const acl = existingAcl(input.NetworkAclId, at);
      const entry = entryOf(input);
      if (acl.entries.has(aclEntryName(entry)))
        throw new AwsError(
          'NetworkAclEntryAlreadyExists',
          `The network acl entry identified by ${entry.RuleNumber} already exists.`,
        );
      const others = [...acl.entries.values()].filter(({ Egress }) => Egress === entry.Egress);
      if (others.length >= MAX_ENTRIES)
        throw new AwsError(
          'NetworkAclEntryLimitExceeded',
          'The maximum number of network acl entries has been reached.',
        );
      storeEntry(acl, entry, at);
      return {};
    },
  ),
  ReplaceNetworkAclEntry: ec2Change(
    'ReplaceNetworkAclEntry',
    ENTRY_MEMBERS,
    (input, at) => [aclNeed('ReplaceNetworkAclEntry', input.NetworkAclId, at)],
    (input, at) => {
      const acl = existingAcl(input.NetworkAclId, at);
      checkEntryExists(acl, input);
      storeEntry(acl, entryOf(input), at);
      return {};
    },
  ),
  DeleteNetworkAclEntry: ec2Change(
    'DeleteNetworkAclEntry',
    ['NetworkAclId', 'RuleNumber', 'Egress'],
    (input, at) => [aclNeed('DeleteNetworkAclEntry', input.NetworkAclId, at)],
    (input, at) => {
      const acl = existingAcl(input.NetworkAclId, at);
      checkRuleNumber(input.RuleNumber);
      checkEntryExists(acl, input);
      const entries = new Map(acl.entries);
      entries.delete(aclEntryName(input));
      at.state.acls.set(acl.id, { ...acl, entries });
      return {};
    },
  ),
};

const aclNeed = (action: string, id: string | undefined, at: Ec2At) => {
  const need = ec2Need(action, 'network-acl', id ?? '*', at, at.state.acls.get(id ?? '')?.vpcId);
  return { ...need, context: { ...need.context, ...(id && { 'ec2:NetworkAclID': id }) } };
};

function existingAcl(id: string | undefined, at: Ec2At): NetworkAcl {
  checkIdForm(id ?? '', 'acl-');
  const acl = at.state.acls.get(id!);
  if (!acl) throw new AwsError('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`);
  return acl;
}

function checkEntryExists({ entries }: NetworkAcl, input: Pick<sdk.NetworkAclEntry, 'Egress' | 'RuleNumber'>): void {
  if (entries.has(aclEntryName(input))) return;
  throw new AwsError(
    'InvalidNetworkAclEntry.NotFound',
    `The network acl entry identified by ${input.RuleNumber} does not exist.`,
  );
}

function storeEntry(acl: NetworkAcl, entry: sdk.NetworkAclEntry, at: Ec2At): void {
  at.state.acls.set(acl.id, { ...acl, entries: new Map(acl.entries).set(aclEntryName(entry), entry) });
}

/** Protocols are numbers: 6 is TCP, 17 is UDP, 1 is ICMP, 58 is ICMPv6, and -1 is all. */
const WITH_PORTS = ['6', '17'];
const ICMP = ['1', '58'];

function entryOf(input: sdk.CreateNetworkAclEntryRequest): sdk.NetworkAclEntry {
  const { RuleNumber, Protocol, RuleAction, CidrBlock, Ipv6CidrBlock, PortRange, IcmpTypeCode } = input;
  checkRuleNumber(RuleNumber);
  if (RuleAction !== 'allow' && RuleAction !== 'deny')
    throw invalidEc2Parameter(`Invalid value '${RuleAction}' for ruleAction. Expecting 'allow' or 'deny'.`);
  if (!/^(-1|\d{1,3})$/.test(Protocol ?? '') || Number(Protocol) > 255)
    throw invalidEc2Parameter(`Invalid value '${Protocol}' for IP protocol.`);
  if ((CidrBlock === undefined) === (Ipv6CidrBlock === undefined)) throw missingEc2Parameter('cidrBlock');
  const [hasPorts, isIcmp] = [WITH_PORTS.includes(Protocol!), ICMP.includes(Protocol!)];
  if (hasPorts && (PortRange?.From === undefined || PortRange.To === undefined)) throw missingEc2Parameter('portRange');
  if (isIcmp && !IcmpTypeCode) throw missingEc2Parameter('icmpTypeCode');
  return {
    RuleNumber,
    Protocol,
    RuleAction,
    Egress: input.Egress ?? false,
    ...(CidrBlock !== undefined && { CidrBlock: canonicalIpv4(CidrBlock) }),
    ...(Ipv6CidrBlock !== undefined && { Ipv6CidrBlock: canonicalIpv6(Ipv6CidrBlock) }),
    ...(hasPorts && { PortRange }),
    ...(isIcmp && { IcmpTypeCode }),
  };
}

function checkRuleNumber(number: number | undefined): void {
  if (number !== undefined && number >= 1 && number <= 32_766) return;
  throw invalidEc2Parameter(`Value (${number}) for parameter ruleNumber is invalid. Must be from 1 to 32766.`);
}

const subnetsOfAcl = ({ vpcId, isDefault }: NetworkAcl, { state }: Ec2At): string[] =>
  isDefault ? [...state.subnets.values()].filter((subnet) => subnet.vpcId === vpcId).map(({ id }) => id) : [];

const describeAcl = (acl: NetworkAcl, at: Ec2At): sdk.NetworkAcl => ({
  NetworkAclId: acl.id,
  VpcId: acl.vpcId,
  IsDefault: acl.isDefault,
  OwnerId: at.account,
  Entries: [...acl.entries.values()].sort((a, b) => a.RuleNumber! - b.RuleNumber!),
  Associations: subnetsOfAcl(acl, at).map((SubnetId) => ({
    NetworkAclAssociationId: SubnetId.replace('subnet-', 'aclassoc-'),
    NetworkAclId: acl.id,
    SubnetId,
  })),
  Tags: describeTags(acl.id, at),
});
