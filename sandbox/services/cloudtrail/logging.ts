/**
 * Whether a trail logs. A new one does not, until it is started.
 */
import { onlyMembers } from '../requests.ts';
import { type CloudTrailOperations, changeable, needOnTrail, trailIn } from './state.ts';

export const loggingOperations: CloudTrailOperations = {
  StartLogging: {
    needs: (input, at) => [needOnTrail('StartLogging', input.Name, at)],
    run: (input, at) => {
      onlyMembers('StartLogging', input, ['Name']);
      const trail = changeable(input.Name, at);
      at.state.trails.set(trail.arn, { ...trail, logging: true, startedAt: at.kernel.clock.now() });
      return {};
    },
  },
  StopLogging: {
    needs: (input, at) => [needOnTrail('StopLogging', input.Name, at)],
    run: (input, at) => {
      onlyMembers('StopLogging', input, ['Name']);
      const trail = changeable(input.Name, at);
      at.state.trails.set(trail.arn, { ...trail, logging: false, stoppedAt: at.kernel.clock.now() });
      return {};
    },
  },
  GetTrailStatus: {
    needs: (input, at) => [needOnTrail('GetTrailStatus', input.Name, at)],
    run: (input, at) => {
      onlyMembers('GetTrailStatus', input, ['Name']);
      const { logging, startedAt, stoppedAt } = trailIn(input.Name, at);
      return {
        IsLogging: logging,
        ...(startedAt !== undefined && { StartLoggingTime: new Date(startedAt), TimeLoggingStarted: iso(startedAt) }),
        ...(stoppedAt !== undefined && { StopLoggingTime: new Date(stoppedAt), TimeLoggingStopped: iso(stoppedAt) }),
      };
    },
  },
};

const iso = (time: number): string => new Date(time).toISOString();
