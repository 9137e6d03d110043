/**
 * Recognizes what Security Hub's events carry besides findings of its own controls: findings of other products, and
 * those of the newer Security Hub in OCSF. No rule lets them in, but an execution that is started by hand may carry
 * one.
 */
import * as z from 'zod';
import { RegionName } from '../contract/remediation.ts';
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
const name = (maxLength = 512) => z.string().max(maxLength).optional().catch(undefined);
/** https://schema.ocsf.io/1.6.0/classes/compliance_finding */
const OcsfFinding = z.object({
  class_uid: z.number(),
  metadata: z.object({
    uid: name(),
    product: z
      .object({ name: name(128), uid: name() })
      .optional()
      .catch(undefined),
  }),
  finding_info: z.object({ uid: name() }).optional().catch(undefined),
  cloud: z
    .object({
      account: z
        .object({ uid: name(64) })
        .optional()
        .catch(undefined),
      region: RegionName.optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  compliance: z
    .object({ control: name(128) })
    .optional()
    .catch(undefined),
  resources: z
    .array(z.object({ type: name(256), uid: name(2048), uid_alt: name(2048) }))
    .optional()
    .catch(undefined),
});
type OcsfFinding = z.infer<typeof OcsfFinding>;

/** Returns why triage rejects the event; undefined for what is, or claims to be, a control's finding. */
export function foreignFinding(detailType: string, raw: unknown): Rejection | undefined {
  const ocsf = OcsfFinding.safeParse(raw).data;
  if (ocsf || detailType === OCSF_EVENT) return foreignOcsf(ocsf);
  const finding = NamedFinding.safeParse(raw).data;
  const product = PRODUCT.exec(finding?.ProductArn ?? '')?.groups?.name;
  if (!finding || !product || product === OWN_PRODUCT || claimsControl(finding)) return undefined;
  return { route: 'ignore', reason: `comes from ${product}; no remediation handles findings of that product` };
}

/** Rejects findings of Security Hub's own controls, which it sends in ASFF too, and ignores those of other products. */
function foreignOcsf(ocsf: OcsfFinding | undefined): Rejection {
  const { name = 'unnamed', uid = '' } = ocsf?.metadata.product ?? {};
  const product = /:productv2\/(.+)$/.exec(uid)?.[1] ?? name;
  if ([OWN_PRODUCT, 'Security Hub', 'Security Hub CSPM', 'unnamed'].includes(product))
    return {
      route: 'reject',
      reason: `is in OCSF, as "${OCSF_EVENT}" brings it; Suture takes the same finding in ASFF, from "Security Hub Findings - Imported"`,
    };
  return { route: 'ignore', reason: `comes from ${product}, in OCSF; no remediation handles findings of that product` };
}

/** Returns undefined for anything but a finding in OCSF. */
export function namesOfForeign(raw: unknown): JobFinding | undefined {
  const ocsf = OcsfFinding.safeParse(raw).data;
  if (!ocsf) return undefined;
  const { metadata, finding_info, cloud, compliance, resources: [resource] = [] } = ocsf;
  const Id = resource?.uid_alt ?? resource?.uid;
  return {
    id: metadata.uid ?? finding_info?.uid ?? 'unknown',
    productArn: 'unknown',
    control: compliance?.control,
    account: cloud?.account?.uid,
    region: cloud?.region,
    ...(Id !== undefined && { resource: { Type: resource?.type ?? 'unknown', Id } }),
  };
}

/** Later checks reject another product's finding that names a control as forged. */
const claimsControl = ({ GeneratorId, Compliance }: z.infer<typeof NamedFinding>) =>
  Compliance?.SecurityControlId !== undefined || controlsOf({ GeneratorId }).kind === 'controls';
