/** IAM.26: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-26 */
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation } from '../../../contract/remediation.ts';
import {
  CERTIFICATE_ARN,
  certificateTags,
  deleteCertificate,
  findCertificate,
  serverCertificate,
} from '../server-certificate.ts';

export default defineRemediation({
  id: 'iam/delete-expired-certificates',
  title: 'Delete a server certificate that has expired',
  handles: { controls: ['IAM.26'] },
  risk: 'destructive',
  irreversible: 'IAM gives a private key to nobody, so a certificate can be uploaded again only by whoever has its key',
  global: true,
  target: serverCertificate,
  params: z.strictObject({}),
  /** The certificate is public, and its private key never leaves IAM. null: it is gone. */
  state: z.strictObject({ certificate: z.strictObject({ id: z.string(), expiresAt: z.string() }).nullable() }),
  reads: [
    { actions: ['iam:ListServerCertificates'], resources: ['*'], because: 'takes no resource: when it expired' },
    { actions: ['iam:GetServerCertificate'], resources: [CERTIFICATE_ARN], because: 'who manages it' },
  ],
  writes: [{ actions: ['iam:DeleteServerCertificate'], resources: [CERTIFICATE_ARN], because: 'deletes it' }],
  clients: { iam: IAMClient },
}).by({
  async read(context) {
    const found = await findCertificate(context);
    return {
      certificate: found ? { id: found.ServerCertificateId!, expiresAt: found.Expiration!.toISOString() } : null,
    };
  },
  want: (state, { now }) =>
    state.certificate && Date.parse(state.certificate.expiresAt) < now.getTime() ? { certificate: null } : state,
  write: (context) => deleteCertificate(context),
  tags: (context) => certificateTags(context),
  summary: ({ certificate }) =>
    `certificate ${certificate?.id} is deleted if nothing uses it; it ended on ${certificate?.expiresAt.slice(0, 10)}`,
});
