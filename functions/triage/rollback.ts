/**
 * The job that undoes a change, at a person's request. The ledger's line says what was changed. It must pass the checks
 * of a finding, and everything that follows from the finding is derived again. Pure.
 */
import { isEqual } from '../contract/is-equal.ts';
import { parseTarget } from '../contract/remediation.ts';
import { Finding } from '../domain/finding.ts';
import { type Job, type JobFinding, type JobWork, planApproval, type TriageCheck } from '../domain/job.ts';
import type { Ending } from '../domain/ledger.ts';
import type { RollbackOrder } from '../domain/start-options.ts';
import { Candidate, type TriageFacts } from './candidate.ts';
import { firstRejection } from './check.ts';
import { leaseOf } from './decide.ts';
import { FINDING_CHECKS } from './genuine.ts';
import { controlCheck } from './handling.ts';

/** The end of the execution that made the change, from the ledger. */
export type ChangedLine = { readonly ending: Ending; readonly job: Job };

type RollbackContent = Omit<Job, 'v' | 'execution' | 'started'>;

/**
 * Returns the content of a job that rolls back. Requester and `force` come from the order, parameters and approval from
 * the line, the rest from the finding's names.
 */
export function rollbackJob(
  { askedBy, rollback }: RollbackOrder,
  line: ChangedLine | undefined,
  facts: TriageFacts,
): RollbackContent {
  const finding = line?.job.finding ?? { id: rollback.finding, productArn: 'unknown' };
  const reject = (reason: string) => ({ route: 'reject' as const, reason, finding, askedBy });
  const unknown = `the ledger knows no change that ${rollback.execution} made because of this finding`;
  if (!line || !isChange(line, rollback)) return reject(unknown);

  const parsed = Finding.safeParse(rawFinding(finding));
  if (!parsed.success) return reject(`the ledger's line names no finding: ${parsed.error.issues[0]!.message}`);
  const candidate = new Candidate(NO_EVENT, parsed.data, facts);
  const checks: TriageCheck[] = [];
  const rejection = firstRejection([...FINDING_CHECKS, controlCheck], candidate, checks);
  if (rejection) return { ...reject(`the ledger's line is not genuine: ${rejection.reason}`), checks };
  const work = rollbackWork(candidate, line.job);
  if (typeof work === 'string') return { ...reject(work), checks };
  return {
    route: 'remediate',
    reason: `undoes what ${rollback.execution} changed, because ${askedBy} asked for it`,
    checks,
    finding,
    askedBy,
    work: { ...work, ...(rollback.force && { force: true }) },
  };
}

/** Whether the line is the one that the order names, of an execution that may have written. */
function isChange({ ending, job }: ChangedLine, { finding, execution, started }: RollbackOrder['rollback']): boolean {
  const isNamed = job.finding.id === finding && job.execution === execution && job.started === started;
  const mayHaveWritten = job.work?.mode === 'apply' || planApproval(job) !== undefined;
  const wrotePart = job.result?.kind === 'refused' && job.result.version !== undefined;
  return isNamed && mayHaveWritten && (ending === 'FIXED' || ending === 'FAILED' || wrotePart);
}

/** Returns a finding with the names of a line, for the checks. */
const rawFinding = ({ id, productArn, generator, control, account, resource }: JobFinding) => ({
  Id: id,
  ProductArn: productArn,
  GeneratorId: generator ?? `security-control/${control}`,
  AwsAccountId: account,
  RecordState: 'ACTIVE',
  Workflow: { Status: 'NEW' },
  Compliance: { Status: 'FAILED', SecurityControlId: control },
  Resources: resource ? [resource] : [],
});

/** The checks that run here look at no event. */
const NO_EVENT = { id: 'rollback', 'detail-type': '', source: '', account: '', region: '', detail: { findings: [] } };

/** Returns the work, or why the line does not fit its remediation. */
function rollbackWork(candidate: Candidate, job: Job): JobWork | string {
  const { remediation, names, resource, control } = candidate;
  const { finding, work } = job;
  const { remediation: id, target, params, version, approvalSeconds } = work!;
  if (remediation?.id !== id) return `${control} is not handled by ${id}, which the ledger's line names`;
  if (control !== finding.control || names.region !== finding.region || names.partition !== finding.partition)
    return "the ledger's line names another control, Region or partition than its finding";
  const parsed = parseTarget(remediation, resource);
  if (!parsed.success || !isEqual(parsed.data, target))
    return `the ledger's line has another target than ${resource.Id}`;
  if (!remediation.params.safeParse(params).success) return `the ledger's line has parameters that ${id} does not take`;
  return {
    remediation: id,
    version: remediation.version ?? 1,
    risk: remediation.risk,
    mode: 'rollback',
    undo: { execution: job.execution, version, approval: planApproval(job) },
    ...(remediation.undoes !== undefined && { undoApart: true }),
    policy: { mode: 'off', tags: {} },
    approvalSeconds,
    target,
    params,
    lease: leaseOf(remediation, names, target),
  };
}
