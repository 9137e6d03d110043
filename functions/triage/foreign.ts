/**
 * What arrives in Security Hub's events and is no finding of its own controls: other products' findings, and those of the
 * newer Security Hub in OCSF. No rule lets them in; executions that are started by hand may still hold one.
 */
import * as z from 'zod';
import { controlsOf } from '../domain/controls.ts';
import type { JobFinding } from '../domain/job.ts';

const OCSF_EVENT = 'Findings Imported V2';
const OWN = 'aws/securityhub';
/** `arn:aws:securityhub:eu-west-1::product/aws/guardduty`; an account's own imports name the account. */
const PRODUCT = /^arn:aws(?:-cn|-us-gov)?:securityhub:[a-z0-9-]+:(?:\d{12})?:product\/(?<name>[\w-]+\/[\w-]+)$/;

const Named = z.object({
  ProductArn: z.string(),
  GeneratorId: z.string().catch(''),
  Compliance: z.object({ SecurityControlId: z.string().optional() }).optional().catch(undefined),
});
const Ocsf = z.object({
  class_uid: z.number(),
  metadata: z.object({ uid: z.string().max(512).optional() }),
  finding_info: z.object({ uid: z.string().max(512).optional() }).optional(),
  cloud: z.object({ account: z.object({ uid: z.string().max(12).optional() }).optional() }).optional(),
});

export type Foreign = { readonly route: 'ignore' | 'reject'; readonly reason: string; readonly finding?: JobFinding };

/** Why triage need not look closer; undefined for what is, or claims to be, a control's finding. */
export function foreignFinding(detailType: string, raw: unknown): Foreign | undefined {
  const ocsf = Ocsf.safeParse(raw).data;
  if (ocsf || detailType === OCSF_EVENT)
    return {
      route: 'reject',
      reason: `is in OCSF, as "${OCSF_EVENT}" brings it; Suture takes the same finding in ASFF, from "Security Hub Findings - Imported"`,
      finding: ocsf && {
        id: ocsf.metadata.uid ?? ocsf.finding_info?.uid ?? 'unknown',
        productArn: 'unknown',
        account: ocsf.cloud?.account?.uid,
      },
    };
  const finding = Named.safeParse(raw).data;
  const product = PRODUCT.exec(finding?.ProductArn ?? '')?.groups?.name;
  if (!finding || !product || product === OWN || claimsControl(finding)) return undefined;
  return { route: 'ignore', reason: `comes from ${product}; no remediation handles findings of that product` };
}

/** A finding of another product that names a control is looked at, and rejected as forged: only Security Hub makes those. */
const claimsControl = ({ GeneratorId, Compliance }: z.infer<typeof Named>) =>
  Compliance?.SecurityControlId !== undefined || controlsOf({ GeneratorId }).kind === 'controls';
