/** Incidents to practise: each one triggers the situation of an article of docs/runbook.md. */
import type { IncidentEnd } from './incident-end.ts';
import type { IncidentLab } from './incident-lab.ts';

export type Incident = {
  /** An article of docs/runbook.md, or the name of an error in its table of messages. */
  readonly name: string;
  /** One line. It names neither cause nor solution. */
  readonly symptom: string;
  /** Names of its alarms, without the prefix; default: the alarm with the incident's name. */
  readonly alarms?: readonly string[];
  /** The account and Region of the alarms; default: the security account. */
  readonly alarmsAt?: 'security' | 'service' | 'ip-ranges';
  readonly requires?: OptionalStack;
  /** Upper bound, in hours of the sandbox's clock; default: 1. A tight one, if the incident ends by itself. */
  readonly hours?: number;
  readonly trigger: (lab: IncidentLab) => Promise<IncidentEnd>;
};

export type OptionalStack = 'audit' | 'messages';
