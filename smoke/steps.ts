import type { SmokeStep } from './step.ts';
import { APP_CONFIG_STEP } from './steps/app-config.ts';
import { DOCTOR_STEP } from './steps/doctor.ts';
import { PACKED_POLICY_STEP } from './steps/packed-policy.ts';
import { ROLLOUT_STEP } from './steps/rollout.ts';
import { RULE_TO_FIX_STEP } from './steps/rule-to-fix.ts';
import { SESSION_ALARM_STEP } from './steps/session-alarm.ts';
import { STACK_SET_STEP } from './steps/stack-set.ts';
import { REQUESTED_REGION_STEP, TRUST_STEP } from './steps/trust.ts';

/** In the order of a run: steps that only read come first. */
export const SMOKE_STEPS: readonly SmokeStep[] = [
  STACK_SET_STEP,
  DOCTOR_STEP,
  APP_CONFIG_STEP,
  ROLLOUT_STEP,
  TRUST_STEP,
  REQUESTED_REGION_STEP,
  PACKED_POLICY_STEP,
  RULE_TO_FIX_STEP,
  SESSION_ALARM_STEP,
];
