/** Logger and metrics of every function. Messages are static, data goes into fields. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { NAMES } from './installation.ts';

const { namespace, service: serviceName } = NAMES.metrics;

export const logger = new Logger({ serviceName });
export const metrics = new Metrics({ namespace, serviceName });
