import type { AwsPlace, Kernel } from '../../kernel/kernel.ts';
import { eventbridge } from './index.ts';
import type { EventBridgeState } from './state.ts';

/** EventBridge's state in an account and Region. */
export const eventBridgeState = (kernel: Kernel, place: AwsPlace): EventBridgeState => kernel.state(eventbridge, place);
