/** A finding in ASFF with everything that the checks derive from it, from the registry and from policy. */
import { type FindingResource, parseTarget, respondsToThreats } from '../contract/remediation.ts';
import { type ControlNames, controlsOf } from '../domain/controls.ts';
import type { RemediationDeclaration } from '../domain/declaration.ts';
import { type Finding, type FindingEvent, isPassed } from '../domain/finding.ts';
import { slimFinding } from '../domain/finding-names.ts';
import type { OwnersTurn } from '../domain/grace.ts';
import { graceOn } from '../domain/grace-policy.ts';
import type { JobFinding } from '../domain/job.ts';
import type { ManagedDecision } from '../domain/managed.ts';
import { managedDecisionOn } from '../domain/managed-policy.ts';
import {
  decisionOn,
  type Mode,
  memberOf,
  type PolicyDecision,
  type PolicyInForce,
  type PolicyMember,
} from '../domain/policy.ts';

export type OrganizationFacts = {
  readonly securityAccount: string;
  readonly homeRegion: string;
  /** The context's Regions, home Region included; undefined for a forecast, which does not know them. */
  readonly regions?: readonly string[];
  /** The security and the service account, and those that the context excludes. */
  readonly excluded: readonly string[];
  /** The status of the finding's account; undefined if the account is not in the organization. */
  readonly status: string | undefined;
  readonly ouPath?: string;
  readonly unitIds?: readonly string[];
};

export type TriageFacts = {
  readonly remediations: readonly RemediationDeclaration[];
  readonly policy: PolicyInForce;
  readonly organization: OrganizationFacts;
  readonly today: string;
  /** Set if the ledger says that the finding stands with its owner. Only read if the control passes. */
  readonly ownersTurn?: OwnersTurn | undefined;
};

/** Checks read its properties in order: each relies on the checks before it. */
export class Candidate {
  readonly event: FindingEvent;
  readonly finding: Finding;
  readonly facts: TriageFacts;

  constructor(event: FindingEvent, finding: Finding, facts: TriageFacts) {
    this.event = event;
    this.finding = finding;
    this.facts = facts;
  }

  /** Account, Region and partition as the finding's ARNs name them, without its control. */
  get names(): JobFinding {
    const { ouPath, unitIds } = this.facts.organization;
    return { ...slimFinding(this.finding), ouPath, ...(unitIds && { unitIds: [...unitIds] }) };
  }

  get resource(): FindingResource {
    return this.finding.Resources[0]!;
  }

  get controlNames(): ControlNames {
    return controlsOf(this.finding);
  }

  /**
   * If an older name stands for two controls, returns the one whose remediation takes this resource (S3.1 an account,
   * S3.8 a bucket), else the one that has a remediation. A test ensures that no two of them share a name and a resource
   * type.
   */
  get control(): string {
    const names = this.controlNames;
    const controls = names.kind === 'controls' ? names.controls : [];
    const { remediations } = this.facts;
    return (
      controls.find((name) => takes(handlerOf(name, remediations), this.resource)) ??
      controls.find((name) => handlerOf(name, remediations)) ??
      controls[0]!
    );
  }

  get remediation(): RemediationDeclaration | undefined {
    return handlerOf(this.control, this.facts.remediations);
  }

  get decision(): PolicyDecision {
    return decisionOn(this.facts.policy, this.control, this.remediation!.risk, this.#member);
  }

  /** The finding stands with its owner, and Security Hub says that nothing is wrong any more. */
  get mayBeFixedByOwner(): boolean {
    return this.facts.ownersTurn !== undefined && isPassed(this.finding);
  }

  /** The policy for the resource if code manages it. */
  get managed(): ManagedDecision {
    return managedDecisionOn(this.facts.policy, this.control, this.#member);
  }

  /** Milliseconds that the owner has before a change; 0 where policy permits none. */
  get graceMs(): number {
    const { mode, tags } = this.decision;
    if (![mode, ...Object.values(tags)].some((each) => WRITING.has(each))) return 0;
    const severity = this.finding.Severity?.Label;
    const isThreat = respondsToThreats(this.remediation!);
    return graceOn(this.facts.policy, this.control, { member: this.#member, severity, isThreat });
  }

  get #member(): PolicyMember {
    return memberOf({ ...this.facts.organization, account: this.finding.AwsAccountId });
  }
}

const WRITING: ReadonlySet<Mode> = new Set(['approve', 'auto']);

const takes = (remediation: RemediationDeclaration | undefined, resource: FindingResource): boolean =>
  remediation !== undefined && parseTarget(remediation, resource).success;

export const handlerOf = (
  control: string,
  remediations: readonly RemediationDeclaration[],
): RemediationDeclaration | undefined => remediations.find(({ handles }) => handles.controls.includes(control));
