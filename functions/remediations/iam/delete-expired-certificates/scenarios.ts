import type { IAMClient } from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import {
  certificateResource,
  EXPIRED,
  type NewCertificate,
  tagCertificate,
  uploadCertificate,
  VALID,
} from '../certificate-fixtures.ts';
import deleteExpiredCertificates from './index.ts';

type ArrangeCertificate = Arrange<{ readonly iam: IAMClient }, { readonly certificate: string }>;

const certificate =
  (wanted: NewCertificate): ArrangeCertificate =>
  (clients, context) =>
    uploadCertificate(clients, context, wanted);

const LASTING = [{ path: '', because: 'IAM gives a private key to nobody, so Suture cannot upload it again' }];

export default defineScenarios(deleteExpiredCertificates, {
  faulty: certificate({ body: EXPIRED }),
  tag: tagCertificate,
  scenarios: {
    'it has expired': { expected: 'FIXED', lasting: LASTING },
    'it has expired, and Terraform manages it': {
      arrange: certificate({ body: EXPIRED, tags: { ManagedBy: 'terraform' } }),
      expected: 'FIXED',
      lasting: LASTING,
    },
    'it has expired, and has a path': {
      arrange: certificate({ body: EXPIRED, path: '/cloudfront/shop/' }),
      expected: 'FIXED',
      lasting: LASTING,
    },
    'it is valid': { arrange: certificate({ body: VALID }), expected: 'COMPLIANT' },
    'a valid one has its name, below another path': {
      async arrange(clients, context) {
        await uploadCertificate(clients, context, { body: VALID, path: '/renewed/' });
        return certificateResource(context);
      },
      expected: 'COMPLIANT',
    },
    'it is gone': { arrange: async (_, context) => certificateResource(context), expected: 'COMPLIANT' },
  },
});
