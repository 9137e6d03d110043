/** Incidents to practise: each brings the situation of an article of docs/runbook.md about. */
import type { IncidentEnd } from './incident-end.ts';
import type { Scene } from './scene.ts';

export type Incident = {
  /** An article of docs/runbook.md, or the name of an error in its table of messages. */
  readonly name: string;
  /** A line about the symptom. It names neither cause nor solution. */
  readonly shows: string;
  /** The alarms that ring, without the prefix; default: the one with the incident's name. */
  readonly alarms?: readonly string[];
  /** Where the alarms are; default: the security account. */
  readonly alarmsAt?: 'security' | 'service' | 'ip-ranges';
  /** The optional stack that it needs. */
  readonly needs?: OptionalStack;
  /** Hours of the sandbox's clock that it takes at most; default: 1. Little more than needed, if it ends by itself. */
  readonly hours?: number;
  readonly bringAbout: (scene: Scene) => Promise<IncidentEnd>;
};

export type OptionalStack = 'audit' | 'messages';
