/** The steps' names in the order of a run, without their code: wrong usage is reported before that is loaded. */
export const STEP_IDS: readonly string[] = [
  'stack-set',
  'doctor',
  'app-config',
  'rollout',
  'trust',
  'requested-region',
  'packed-policy',
  'rule-to-fix',
  'session-alarm',
];
