import { objectEventScenarios } from '../object-event-scenarios.ts';
import { OBJECT_READS } from '../object-events.ts';
import logObjectReads from './index.ts';

export default objectEventScenarios(logObjectReads, OBJECT_READS);
