/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html */
import type * as sdk from '@aws-sdk/client-securityhub';
import type { Need, ServiceOperation } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { canSee, checkSubscribed, hubArn, invalidInput, type SecurityHubState } from './state.ts';

const DEFAULT_PAGE_SIZE = 10;
const MAX_PAGE_SIZE = 100;

export const getFindings: ServiceOperation<sdk.GetFindingsRequest, sdk.GetFindingsResponse, SecurityHubState> = {
  quota: { rate: 3, burst: 6 },
  needs: (_, at): Need[] => [{ action: 'securityhub:GetFindings', resource: hubArn(at) }],
  run: (input, at) => {
    onlyMembers('GetFindings', input, ['Filters', 'SortCriteria', 'NextToken', 'MaxResults']);
    checkSubscribed(at);
    const size = input.MaxResults ?? DEFAULT_PAGE_SIZE;
    if (size < 1 || size > MAX_PAGE_SIZE) throw invalidInput(`Invalid parameter 'MaxResults': ${size}`);
    const matches = filterPredicate(input.Filters ?? {}, at.kernel.clock.now());
    const visible = [...at.state.findings.values()].filter((finding) => canSee(at, finding) && matches(finding));
    const page = pageOf(sortFindings(visible, input.SortCriteria ?? []), input.NextToken, size, () =>
      invalidInput('Invalid token'),
    );
    return { Findings: structuredClone(page.items), NextToken: page.nextToken };
  },
};

type Finding = sdk.AwsSecurityFinding;
type Values = (finding: Finding) => readonly (string | undefined)[];

const TEXT_VALUES: Readonly<Record<string, Values>> = {
  AwsAccountId: (finding) => [finding.AwsAccountId],
  ComplianceSecurityControlId: (finding) => [finding.Compliance?.SecurityControlId],
  ComplianceStatus: (finding) => [finding.Compliance?.Status],
  GeneratorId: (finding) => [finding.GeneratorId],
  Id: (finding) => [finding.Id],
  NoteText: (finding) => [finding.Note?.Text],
  NoteUpdatedBy: (finding) => [finding.Note?.UpdatedBy],
  ProductArn: (finding) => [finding.ProductArn],
  ProductName: (finding) => [finding.ProductName],
  RecordState: (finding) => [finding.RecordState],
  Region: (finding) => [finding.Region],
  ResourceId: (finding) => (finding.Resources ?? []).map((resource) => resource.Id),
  ResourceRegion: (finding) => (finding.Resources ?? []).map((resource) => resource.Region),
  ResourceType: (finding) => (finding.Resources ?? []).map((resource) => resource.Type),
  SeverityLabel: (finding) => [finding.Severity?.Label],
  Title: (finding) => [finding.Title],
  Type: (finding) => finding.Types ?? [],
  VerificationState: (finding) => [finding.VerificationState],
  WorkflowStatus: (finding) => [finding.Workflow?.Status],
};

const TIME_VALUES: Readonly<Record<string, (finding: Finding) => string | undefined>> = {
  CreatedAt: (finding) => finding.CreatedAt,
  FirstObservedAt: (finding) => finding.FirstObservedAt,
  LastObservedAt: (finding) => finding.LastObservedAt,
  NoteUpdatedAt: (finding) => finding.Note?.UpdatedAt,
  UpdatedAt: (finding) => finding.UpdatedAt,
};

/** AND combines filters. */
function filterPredicate(filters: sdk.AwsSecurityFindingFilters, now: number): (finding: Finding) => boolean {
  const tests = Object.entries(filters)
    .filter(([, filter]) => filter !== undefined)
    .map(([name, filter]) => {
      const values = TEXT_VALUES[name];
      if (values) return textTest(name, filter as sdk.StringFilter[], values);
      const time = TIME_VALUES[name];
      if (time)
        return (finding: Finding) => (filter as sdk.DateFilter[]).some((range) => isInRange(range, time(finding), now));
      throw notModelled(`the filter ${name} of GetFindings`);
    });
  return (finding) => tests.every((test) => test(finding));
}

const COMPARISONS: Readonly<Record<string, (value: string, operand: string) => boolean>> = {
  EQUALS: (value, operand) => value === operand,
  PREFIX: (value, operand) => value.startsWith(operand),
  CONTAINS: (value, operand) => value.includes(operand),
};
const NEGATED_COMPARISONS: Readonly<Record<string, string>> = {
  NOT_EQUALS: 'EQUALS',
  PREFIX_NOT_EQUALS: 'PREFIX',
  NOT_CONTAINS: 'CONTAINS',
};

/**
 * OR combines a field's positive filters, AND its negative ones.
 * @throws AwsError InvalidInputException for comparisons that cannot be combined
 */
function textTest(name: string, filters: readonly sdk.StringFilter[], values: Values): (finding: Finding) => boolean {
  const comparisons = new Set(filters.map((filter) => filter.Comparison ?? ''));
  for (const comparison of comparisons) {
    if (!(comparison in COMPARISONS) && !(comparison in NEGATED_COMPARISONS))
      throw invalidInput(`Invalid comparison of ${name}: ${comparison}`);
  }
  const exclusive = (['CONTAINS', 'NOT_CONTAINS'] as const).some(
    (comparison) => comparisons.has(comparison) && comparisons.size > 1,
  );
  const contradicts =
    comparisons.has('EQUALS') && (comparisons.has('NOT_EQUALS') || comparisons.has('PREFIX_NOT_EQUALS'));
  if (exclusive || contradicts) throw invalidInput(`Invalid combination of comparisons in the filter ${name}`);
  const positive = filters.filter((filter) => filter.Comparison! in COMPARISONS);
  const negative = filters.filter((filter) => filter.Comparison! in NEGATED_COMPARISONS);
  const hasMatch = (comparison: string, operand: string | undefined, finding: Finding) =>
    values(finding).some((value) => value !== undefined && COMPARISONS[comparison]!(value, operand ?? ''));
  return (finding) =>
    (positive.length === 0 || positive.some((filter) => hasMatch(filter.Comparison!, filter.Value, finding))) &&
    negative.every((filter) => !hasMatch(NEGATED_COMPARISONS[filter.Comparison!]!, filter.Value, finding));
}

const DAY_MS = 86_400_000;

function isInRange({ Start, End, DateRange }: sdk.DateFilter, value: string | undefined, now: number): boolean {
  if (value === undefined) return false;
  const time = Date.parse(value);
  if (DateRange?.Comparison !== undefined && DateRange.Comparison !== 'WITHIN')
    throw notModelled(`date comparison ${DateRange.Comparison}`);
  if (DateRange) return time >= now - (DateRange.Value ?? 0) * DAY_MS && time <= now;
  return (Start === undefined || time >= Date.parse(Start)) && (End === undefined || time <= Date.parse(End));
}

function sortFindings(findings: Finding[], criteria: readonly sdk.SortCriterion[]): Finding[] {
  const orders = criteria.map(({ Field, SortOrder }) => {
    const value = TIME_VALUES[Field ?? ''] ?? ((finding: Finding) => TEXT_VALUES[Field ?? '']?.(finding)[0]);
    if (!TIME_VALUES[Field ?? ''] && !TEXT_VALUES[Field ?? '']) throw notModelled(`sorting findings by ${Field}`);
    const sign = SortOrder === 'desc' ? -1 : 1;
    return (a: Finding, b: Finding) => sign * (value(a) ?? '').localeCompare(value(b) ?? '');
  });
  return findings.toSorted((a, b) => orders.map((order) => order(a, b)).find((result) => result !== 0) ?? 0);
}
