/** One call for up to a hundred findings, item by item where Security Hub takes some and others not. */
import {
  BatchUpdateFindingsCommand,
  type BatchUpdateFindingsCommandOutput,
  type SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { isNamed, isThrottling, isUnavailable, text } from '../contract/errors.ts';
import type { FindingUpdate } from './message.ts';
import type { Pace } from './pace.ts';
import type { UpdateCall, Updated } from './pending.ts';

/** Error codes of UnprocessedFindings that may pass. */
const PASSING = new Set(['ConcurrentUpdateError', 'InternalError', 'InternalException', 'Throttled']);
/** Milliseconds that records and answers need after the last call. */
const AFTERWARDS = 30_000;

export type SecurityHubPort = {
  /** Without retries of its own: a throttled call is made again at the pace. */
  readonly securityHub: SecurityHubClient;
  readonly pace: Pace;
  /** Milliseconds until the function times out. */
  readonly timeLeft: () => number;
};

export type UpdateResult = {
  readonly finding: Updated;
  readonly kind: 'done' | 'refused' | 'again';
  readonly because?: string;
};

/** What became of each finding. The call is made again while it is throttled, as long as time is left for what comes after. */
export async function makeCall({ update, findings }: UpdateCall, hub: SecurityHubPort): Promise<UpdateResult[]> {
  if (!update) return findings.map((finding) => ({ finding, kind: 'done' }));
  const all = (kind: UpdateResult['kind'], because: string) => findings.map((finding) => ({ finding, kind, because }));
  let because = 'no time was left for its call';
  while (hub.timeLeft() >= AFTERWARDS) {
    await hub.pace.turn();
    try {
      const answered = await hub.securityHub.send(new BatchUpdateFindingsCommand(inputOf(update, findings)));
      hub.pace.taken();
      return itemByItem(findings, answered);
    } catch (error) {
      if (isNamed(error, 'InvalidInputException') && findings.length > 1) return apart({ update, findings }, hub);
      if (!isThrottling(error) && !isUnavailable(error)) return all('refused', text(error));
      hub.pace.throttled();
      because = text(error);
    }
  }
  return all('again', because);
}

const inputOf = ({ status, note }: FindingUpdate, findings: readonly Updated[]) => ({
  FindingIdentifiers: findings.map(({ id, productArn }) => ({ Id: id, ProductArn: productArn })),
  Workflow: { Status: status },
  Note: { Text: note.slice(0, 512), UpdatedBy: 'suture' },
});

/** Security Hub refuses a call whole for one finding that it cannot read: halves find it, and the others are updated. */
async function apart({ update, findings }: UpdateCall, hub: SecurityHubPort): Promise<UpdateResult[]> {
  const half = Math.ceil(findings.length / 2);
  const before = await makeCall({ update, findings: findings.slice(0, half) }, hub);
  return [...before, ...(await makeCall({ update, findings: findings.slice(half) }, hub))];
}

function itemByItem(
  findings: readonly Updated[],
  { UnprocessedFindings }: BatchUpdateFindingsCommandOutput,
): UpdateResult[] {
  const refused = new Map(
    (UnprocessedFindings ?? []).map(({ FindingIdentifier, ErrorCode, ErrorMessage }) => [
      `${FindingIdentifier?.ProductArn} ${FindingIdentifier?.Id}`,
      { code: ErrorCode ?? 'Unknown', because: `${ErrorCode}: ${ErrorMessage}` },
    ]),
  );
  return findings.map((finding): UpdateResult => {
    const no = refused.get(`${finding.productArn} ${finding.id}`);
    if (!no) return { finding, kind: 'done' };
    return { finding, kind: PASSING.has(no.code) ? 'again' : 'refused', because: no.because };
  });
}
