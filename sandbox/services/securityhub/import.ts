/**
 * Without a partner integration, an account can import findings only about itself, under its own default product.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
 */
import type * as sdk from '@aws-sdk/client-securityhub';
import * as z from 'zod';
import { AwsError, type AwsPlace, type Need, type ServiceOperation } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { storeFinding } from './findings.ts';
import { checkSubscribed, invalidInput, type SecurityHubAt, type SecurityHubState, storedFindingKey } from './state.ts';
import { MAX_FINDING_BYTES } from './update.ts';

const FINDINGS_PER_CALL = 100;

export const batchImportFindings: ServiceOperation<
  sdk.BatchImportFindingsRequest,
  sdk.BatchImportFindingsResponse,
  SecurityHubState
> = {
  quota: { rate: 10, burst: 30 },
  needs: (input, at): Need[] => {
    const products = new Set((input.Findings ?? []).map((finding) => finding.ProductArn ?? defaultProduct(at)));
    const accounts = [...new Set((input.Findings ?? []).map((finding) => finding.AwsAccountId ?? ''))];
    return [...products].map((resource) => ({
      action: 'securityhub:BatchImportFindings',
      resource,
      owner: at.account,
      context: { 'securityhub:TargetAccount': accounts },
    }));
  },
  run: (input, at) => {
    onlyMembers('BatchImportFindings', input, ['Findings']);
    checkSubscribed(at);
    const findings = input.Findings ?? [];
    if (findings.length === 0 || findings.length > FINDINGS_PER_CALL)
      throw invalidInput(`Invalid parameter 'Findings'. Between 1 and ${FINDINGS_PER_CALL} findings can be imported`);
    for (const finding of findings) checkOwnFinding(finding, at);
    const FailedFindings = findings.flatMap((finding) => importOne(finding, at) ?? []);
    return {
      FailedCount: FailedFindings.length,
      SuccessCount: findings.length - FailedFindings.length,
      FailedFindings,
    };
  },
};

const defaultProduct = ({ partition, region, account }: AwsPlace): string =>
  `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`;

/** @throws AwsError AccessDeniedException for a finding of another account or of a product that is not integrated */
function checkOwnFinding(finding: sdk.AwsSecurityFinding, at: SecurityHubAt): void {
  if (finding.ProductArn === defaultProduct(at) && finding.AwsAccountId === at.account) return;
  const who = 'arn' in at.principal ? at.principal.arn : at.principal.service;
  const message = `User: ${who} is not authorized to perform: securityhub:BatchImportFindings on resource: ${finding.ProductArn}`;
  throw new AwsError('AccessDeniedException', message, 403);
}

const timestamp = z.iso.datetime({ offset: true });
const requiredMembers = z.looseObject({
  SchemaVersion: z.literal('2018-10-08'),
  Id: z.string().min(1).max(512),
  ProductArn: z.string().min(12),
  GeneratorId: z.string().min(1).max(512),
  AwsAccountId: z.string().regex(/^\d{12}$/),
  CreatedAt: timestamp,
  UpdatedAt: timestamp,
  Title: z.string().min(1).max(256),
  Description: z.string().min(1).max(1024),
  Resources: z
    .array(z.looseObject({ Type: z.string().min(1), Id: z.string().min(1) }))
    .min(1)
    .max(32),
});

function importOne(finding: sdk.AwsSecurityFinding, at: SecurityHubAt): sdk.ImportFindingsError | undefined {
  const failed = (ErrorMessage: string) => ({ Id: finding.Id ?? '', ErrorCode: 'InvalidInput', ErrorMessage });
  if (Buffer.byteLength(JSON.stringify(finding)) > MAX_FINDING_BYTES) return failed('Finding size exceeded 240 KB');
  const problem = problemWith(finding);
  if (problem) return failed(`Finding does not adhere to Amazon Finding Format. ${problem}.`);
  const existing = at.state.findings.get(storedFindingKey(finding));
  // An import that is not newer than the stored finding has no effect.
  if (existing && Date.parse(finding.UpdatedAt!) <= Date.parse(existing.UpdatedAt!)) return undefined;
  storeFinding(at.kernel, at.state, { Region: at.region, ...finding });
  return undefined;
}

function problemWith(finding: sdk.AwsSecurityFinding): string | undefined {
  const parsed = requiredMembers.safeParse(finding);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return `data.${path.join('.')}: ${message}`;
  }
  const severity = finding.Severity ?? finding.FindingProviderFields?.Severity;
  if (!severity) return `data should have required property 'Severity'`;
  const types = finding.Types ?? finding.FindingProviderFields?.Types;
  return types ? undefined : `data should have required property 'Types'`;
}
