/** Logger and metrics of every function. Messages are static, data goes into fields. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

export const logger = new Logger({ serviceName: 'suture' });
export const metrics = new Metrics({ namespace: 'Suture', serviceName: 'suture' });
