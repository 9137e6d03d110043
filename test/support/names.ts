/** Names of the installation of most tests, which has the default prefix. */
import { DEFAULT_PREFIX, namesOf } from '../../functions/domain/names.ts';

export const DEFAULT_NAMES = namesOf({ prefix: DEFAULT_PREFIX });

export const {
  ledgerTable: LEDGER_TABLE,
  journalTable: JOURNAL_TABLE,
  stateMachine: STATE_MACHINE,
  approvalMachine: APPROVAL_MACHINE,
  eventBus: EVENT_BUS,
  findingArchive: FINDING_ARCHIVE,
  memberRole: MEMBER_ROLE,
  proxyRole: PROXY_ROLE,
  invokerRole: INVOKER_ROLE,
  memberDoctorRole: MEMBER_DOCTOR_ROLE,
  alarmTopic: ALARM_TOPIC,
  executionRolePath: EXECUTION_ROLE_PATH,
  rollbackRolePath: ROLLBACK_ROLE_PATH,
  peoplePath: PEOPLE_PATH,
  policy: POLICY,
  policyExports: POLICY_EXPORTS,
  api: API,
  function: functionName,
  person: personName,
  executionRole: executionRoleName,
  remediationFunction: remediationFunctionName,
  rollbackFunction: rollbackFunctionName,
} = DEFAULT_NAMES;
