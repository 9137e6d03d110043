import type { Kernel, Place } from '../kernel.ts';
import type { EventBridgeState } from '../services/eventbridge/state.ts';
import { eventbridge } from '../services/eventbridge.ts';

/** EventBridge's state in an account and Region. */
export const eventBridgeState = (kernel: Kernel, place: Place): EventBridgeState => kernel.state(eventbridge, place);
