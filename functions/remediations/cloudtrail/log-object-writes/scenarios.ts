import { OBJECT_TRAIL_SCENARIOS, objectEventScenarios } from '../object-event-scenarios.ts';
import { OBJECT_WRITES } from '../object-events.ts';
import logObjectWrites from './index.ts';

export default objectEventScenarios(logObjectWrites, OBJECT_WRITES, OBJECT_TRAIL_SCENARIOS);
