/**
 * Account.1 (Config rule security-account-information-provided). Policy names the contact. The state has a digest
 * instead of the person's data.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/account-controls.html#account-1
 */
import {
  AccountClient,
  DeleteAlternateContactCommand,
  GetAlternateContactCommand,
  PutAlternateContactCommand,
} from '@aws-sdk/client-account';
import * as z from 'zod';
import { accountTarget, defineRemediation, refused } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { CONTACT_PARAMS, contactDigest, isCompleteContact } from '../contact.ts';

const ACCOUNT = 'arn:{partition}:account::{account}:account';
const SECURITY = { AlternateContactType: 'SECURITY' } as const;
const UNNAMED =
  'policy names no security contact: set params.name, params.title, params.emailAddress and params.phoneNumber';

export default defineRemediation({
  id: 'account/name-security-contact',
  title: 'Name a security contact of the account',
  handles: { controls: ['Account.1'] },
  risk: 'safe',
  target: accountTarget,
  params: CONTACT_PARAMS,
  controlParams: { name: 'own', title: 'own', emailAddress: 'own', phoneNumber: 'own' },
  state: z.strictObject({ contact: z.string().nullable() }),
  reads: [{ actions: ['account:GetAlternateContact'], resources: [ACCOUNT], because: 'whether it has one' }],
  writes: [{ actions: ['account:PutAlternateContact'], resources: [ACCOUNT], because: 'names the contact' }],
  undoes: [{ actions: ['account:DeleteAlternateContact'], resources: [ACCOUNT], because: 'takes it away again' }],
  clients: { accounts: AccountClient },
  global: true,
}).by({
  async read({ accounts }) {
    const answer = accounts.send(new GetAlternateContactCommand(SECURITY));
    const contact = (await orUndefined(answer, 'ResourceNotFoundException'))?.AlternateContact;
    if (!contact) return { contact: null };
    const { Name: name, Title: title, EmailAddress: emailAddress, PhoneNumber: phoneNumber } = contact;
    return { contact: contactDigest({ name, title, emailAddress, phoneNumber }) };
  },
  want({ contact }, { params }) {
    if (contact !== null) return { contact };
    return isCompleteContact(params) ? { contact: contactDigest(params) } : refused(UNNAMED);
  },
  async write({ accounts, params }, _, { contact }) {
    const { name: Name, title: Title, emailAddress: EmailAddress, phoneNumber: PhoneNumber } = params;
    const named = { ...SECURITY, Name, Title, EmailAddress, PhoneNumber };
    if (contact !== null) await accounts.send(new PutAlternateContactCommand(named));
    else await orUndefined(accounts.send(new DeleteAlternateContactCommand(SECURITY)), 'ResourceNotFoundException');
  },
  summary: (_, { contact }) => (contact ? 'the security contact that policy names' : 'no security contact'),
});
