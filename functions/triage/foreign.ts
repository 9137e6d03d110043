/**
 * Recognizes what Security Hub's events carry besides findings of its own controls: findings of other products, and
 * those of the newer Security Hub in OCSF. No rule lets them in, but an execution that is started by hand may carry
 * one.
 */
import * as z from 'zod';
import { controlsOf } from '../domain/controls.ts';
import type { JobFinding } from '../domain/job.ts';
import type { Rejection } from './check.ts';

const OCSF_EVENT = 'Findings Imported V2';
const OWN_PRODUCT = 'aws/securityhub';
/** `arn:aws:securityhub:eu-west-1::product/aws/guardduty`; an account's own imports name the account. */
const PRODUCT = /^arn:aws(?:-cn|-us-gov)?:securityhub:[a-z0-9-]+:(?:\d{12})?:product\/(?<name>[\w-]+\/[\w-]+)$/;

const NamedFinding = z.object({
  ProductArn: z.string(),
  GeneratorId: z.string().catch(''),
  Compliance: z.object({ SecurityControlId: z.string().optional() }).optional().catch(undefined),
});
const OcsfFinding = z.object({
  class_uid: z.number(),
  metadata: z.object({ uid: z.string().max(512).optional() }),
  finding_info: z.object({ uid: z.string().max(512).optional() }).optional(),
  cloud: z.object({ account: z.object({ uid: z.string().max(12).optional() }).optional() }).optional(),
});

/** Returns why triage rejects the event; undefined for what is, or claims to be, a control's finding. */
export function foreignFinding(detailType: string, raw: unknown): Rejection | undefined {
  if (OcsfFinding.safeParse(raw).success || detailType === OCSF_EVENT)
    return {
      route: 'reject',
      reason: `is in OCSF, as "${OCSF_EVENT}" brings it; Suture takes the same finding in ASFF, from "Security Hub Findings - Imported"`,
    };
  const finding = NamedFinding.safeParse(raw).data;
  const product = PRODUCT.exec(finding?.ProductArn ?? '')?.groups?.name;
  if (!finding || !product || product === OWN_PRODUCT || claimsControl(finding)) return undefined;
  return { route: 'ignore', reason: `comes from ${product}; no remediation handles findings of that product` };
}

/** Returns undefined for anything but a finding in OCSF. */
export function namesOfForeign(raw: unknown): JobFinding | undefined {
  const ocsf = OcsfFinding.safeParse(raw).data;
  return (
    ocsf && {
      id: ocsf.metadata.uid ?? ocsf.finding_info?.uid ?? 'unknown',
      productArn: 'unknown',
      account: ocsf.cloud?.account?.uid,
    }
  );
}

/** Later checks reject another product's finding that names a control as forged. */
const claimsControl = ({ GeneratorId, Compliance }: z.infer<typeof NamedFinding>) =>
  Compliance?.SecurityControlId !== undefined || controlsOf({ GeneratorId }).kind === 'controls';
