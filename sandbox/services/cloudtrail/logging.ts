/** A new trail does not log. */
import { onlyMembers } from '../requests.ts';
import { type CloudTrailOperations, changeableTrail, existingTrail, trailNeed } from './state.ts';

export const loggingOperations: CloudTrailOperations = {
  StartLogging: {
    needs: (input, at) => [trailNeed('StartLogging', input.Name, at)],
    run: (input, at) => {
      onlyMembers('StartLogging', input, ['Name']);
      const trail = changeableTrail(input.Name, at);
      at.state.trails.set(trail.arn, { ...trail, logging: true, startedAt: at.kernel.clock.now() });
      return {};
    },
  },
  StopLogging: {
    needs: (input, at) => [trailNeed('StopLogging', input.Name, at)],
    run: (input, at) => {
      onlyMembers('StopLogging', input, ['Name']);
      const trail = changeableTrail(input.Name, at);
      at.state.trails.set(trail.arn, { ...trail, logging: false, stoppedAt: at.kernel.clock.now() });
      return {};
    },
  },
  GetTrailStatus: {
    needs: (input, at) => [trailNeed('GetTrailStatus', input.Name, at)],
    run: (input, at) => {
      onlyMembers('GetTrailStatus', input, ['Name']);
      const { logging, startedAt, stoppedAt, logGroupArn } = existingTrail(input.Name, at);
      const delivery = logging && logGroupArn !== undefined;
      return {
        IsLogging: logging,
        ...(delivery && { LatestCloudWatchLogsDeliveryTime: new Date(at.kernel.clock.now()) }),
        ...(startedAt !== undefined && {
          StartLoggingTime: new Date(startedAt),
          TimeLoggingStarted: isoTime(startedAt),
        }),
        ...(stoppedAt !== undefined && {
          StopLoggingTime: new Date(stoppedAt),
          TimeLoggingStopped: isoTime(stoppedAt),
        }),
      };
    },
  },
};

const isoTime = (time: number): string => new Date(time).toISOString();
