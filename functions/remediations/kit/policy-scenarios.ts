/** Statements of a resource's policy for scenarios of remediations that close it to the public. */
import type { Place } from '../../contract/remediation.ts';

type PolicyStatement = Readonly<Record<string, unknown>>;

const OWNER = { Sid: 'Owner', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' } };
const EVERYBODY = { Sid: 'Everybody', Effect: 'Allow', Principal: '*' };

/** By the name of the scenario: the statements without Action and Resource, and the end. */
export const PUBLIC_POLICIES: Readonly<
  Record<
    string,
    { readonly statements: readonly PolicyStatement[]; readonly expected: 'FIXED' | 'COMPLIANT' | 'REFUSED' }
  >
> = {
  'everybody is let in': { statements: [EVERYBODY], expected: 'FIXED' },
  'one of two statements lets everybody in': { statements: [OWNER, EVERYBODY], expected: 'FIXED' },
  'a statement names everybody beside an account': {
    statements: [{ ...EVERYBODY, Principal: { AWS: ['*', 'arn:aws:iam::444455556666:root'] } }],
    expected: 'FIXED',
  },
  'everybody but one account is let in': {
    statements: [{ Effect: 'Allow', NotPrincipal: { AWS: 'arn:aws:iam::444455556666:root' } }],
    expected: 'FIXED',
  },
  'a condition that limits nobody': {
    statements: [{ ...EVERYBODY, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, OWNER],
    expected: 'FIXED',
  },
  'a condition limits it to an account': {
    statements: [{ ...EVERYBODY, Condition: { StringEquals: { 'AWS:SourceOwner': '444455556666' } } }],
    expected: 'COMPLIANT',
  },
  'a condition limits it to a network': {
    statements: [{ ...EVERYBODY, Condition: { IpAddress: { 'aws:SourceIp': ['192.0.2.0/24'] } } }],
    expected: 'COMPLIANT',
  },
  'a condition means buckets by a pattern': {
    statements: [{ ...EVERYBODY, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:*:*:orders-*' } } }],
    expected: 'REFUSED',
  },
  'everybody is denied': { statements: [{ ...EVERYBODY, Effect: 'Deny' }], expected: 'COMPLIANT' },
};

/** Returns the text of a policy with these statements. */
export const statementsText = (statements: readonly PolicyStatement[], Action: string, Resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map((each) => ({ ...each, Action, Resource })) });

export const arnIn = ({ partition, region, account }: Place, service: string, name: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${name}`;
