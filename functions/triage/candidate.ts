/** A finding in ASFF with everything that the checks derive from it, from the registry and from policy. */
import type { FindingResource } from '../contract/remediation.ts';
import { type ControlNames, controlsOf } from '../domain/controls.ts';
import type { RemediationDeclaration } from '../domain/declaration.ts';
import type { Finding, FindingEvent } from '../domain/finding.ts';
import { slimFinding } from '../domain/finding-names.ts';
import type { JobFinding } from '../domain/job.ts';
import { decisionOn, memberOf, type PolicyDecision, type PolicyInForce } from '../domain/policy.ts';

export type OrganizationFacts = {
  readonly securityAccount: string;
  readonly homeRegion: string;
  /** Security, service and those that the context excludes. */
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
      controls.find((name) => handlerOf(name, remediations)?.target.safeParse(this.resource).success) ??
      controls.find((name) => handlerOf(name, remediations)) ??
      controls[0]!
    );
  }

  get remediation(): RemediationDeclaration | undefined {
    return handlerOf(this.control, this.facts.remediations);
  }

  get decision(): PolicyDecision {
    const { policy, organization } = this.facts;
    const member = memberOf({ ...organization, account: this.finding.AwsAccountId });
    return decisionOn(policy, this.control, this.remediation!.risk, member);
  }
}

export const handlerOf = (
  control: string,
  remediations: readonly RemediationDeclaration[],
): RemediationDeclaration | undefined => remediations.find(({ handles }) => handles.controls.includes(control));
