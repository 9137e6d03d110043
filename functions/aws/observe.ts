/** Logger and metrics of every function. Messages are static, data goes into fields. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { withCommandsTyped } from '../domain/command-names.ts';
import { NAMES } from './installation.ts';

const { namespace, service: serviceName } = NAMES.metrics;

/** Names commands as operators type them, in fields and in messages of errors too. */
const jsonReplacerFn = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? withCommandsTyped(value) : value;

export const logger = new Logger({ serviceName, jsonReplacerFn });
export const metrics = new Metrics({ namespace, serviceName });
