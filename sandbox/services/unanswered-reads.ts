/** Reads whose honest answer the sandbox lacks: an empty list would say that AWS has none, which no account shows. */
export type UnansweredRead = {
  readonly service: string;
  readonly operation: string;
  /** A request that is refused. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly asked: string;
  readonly because: string;
  readonly instead: string;
};

export const UNANSWERED_READS: readonly UnansweredRead[] = [
  {
    service: 'cloudtrail',
    operation: 'LookupEvents',
    input: {},
    asked: 'events that happened, and anything but an `EventName`',
    because:
      "AWS keeps 90 days of the management events of every account. The sandbox knows who called what, and not the request's members, which each service records in a form of its own; some name events otherwise than operations (`CreateFunction20150331`). A list that lacks some would be taken for the whole",
    instead:
      'an `EventName` that the account never called, whose list is empty; a rule of EventBridge for AssumeRole; tests read `kernel.calls`, which has every call',
  },
  {
    service: 'iam',
    operation: 'ListPolicies',
    input: {},
    asked: '`Scope` All or AWS without `OnlyAttached`',
    because:
      'AWS has more than 1,500 managed policies, of which the sandbox knows the names, and not ids, versions and dates',
    instead: '`Scope` Local, or `OnlyAttached`',
  },
  {
    service: 'ec2',
    operation: 'DescribeImages',
    input: { Owners: ['amazon'] },
    asked: 'other owners than the account itself',
    because: 'AWS answers with all public images of the Region',
    instead: '`Owners` or `ExecutableUsers` self, or the id of the account',
  },
];
