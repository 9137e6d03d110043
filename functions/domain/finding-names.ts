import { controlsOf } from './controls.ts';
import { Finding, slimResource } from './finding.ts';
import { NOTE_AUTHOR } from './finding-update.ts';
import type { JobFinding } from './job.ts';
import type { FindingFacts } from './policy.ts';

export function slimFinding(finding: Finding): JobFinding {
  const resource = slimResource(finding.Resources[0]!);
  return {
    id: finding.Id,
    productArn: finding.ProductArn,
    title: finding.Title,
    severity: finding.Severity?.Label,
    generator: finding.GeneratorId,
    account: finding.AwsAccountId,
    region: resource.Region ?? finding.Region ?? finding.ProductArn.split(':')[3],
    partition: finding.ProductArn.split(':')[1],
    resource,
    updatedAt: finding.UpdatedAt,
    ...(finding.Note && finding.Note.UpdatedBy !== NOTE_AUTHOR && { hasOthersNote: true }),
  };
}

/** Returns what the exceptions of a policy are held to. */
export const exceptionFacts = (finding: JobFinding): FindingFacts => ({
  control: finding.control,
  account: finding.account,
  region: finding.region,
  resource: finding.resource?.Id,
  title: finding.title,
  generator: finding.generator,
  severity: finding.severity,
  tags: finding.resource?.Tags,
});

/** Returns the names in something that may be a finding. None of them is proven. */
export function unprovenNames(raw: unknown): JobFinding {
  const parsed = Finding.safeParse(raw);
  if (!parsed.success) return rawNames(raw);
  const names = controlsOf(parsed.data);
  return { ...slimFinding(parsed.data), control: names.kind === 'controls' ? names.controls[0] : undefined };
}

/** Returns the names in something that is not a finding in ASFF. */
export const rawNames = (raw: unknown): JobFinding => ({
  id: rawField(raw, 'Id') || 'unknown',
  productArn: rawField(raw, 'ProductArn') ?? 'unknown',
  account: rawField(raw, 'AwsAccountId'),
});

export function rawField(raw: unknown, name: string): string | undefined {
  const value = typeof raw === 'object' && raw !== null && Object.hasOwn(raw, name) ? raw[name as never] : undefined;
  return typeof value === 'string' ? (value as string).slice(0, 512) : undefined;
}
