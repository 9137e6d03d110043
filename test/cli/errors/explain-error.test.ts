import { afterEach, describe, expect, it, vi } from 'vitest';
import { explainError } from '../../../cli/errors/explain-error.ts';

afterEach(() => vi.unstubAllEnvs());

const denied = (name: string) =>
  Object.assign(new Error('User: arn is not authorized to perform: dynamodb:Query'), { name, $metadata: {} });

describe('a denied call', () => {
  it.each(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'])(
    'by %s leads to other credentials and to the home Region',
    (name) => {
      vi.stubEnv('AWS_REGION', 'eu-west-1');
      const { message, exitCode } = explainError(denied(name));
      expect(exitCode).toBe(3);
      expect(message).toContain('is not authorized to perform: dynamodb:Query. If eu-west-1');
      expect(message).toContain(
        'If eu-west-1 is not the home Region of the installation, name that with --home-region. If it is, use the role of a person who may',
      );
    },
  );
  it('is told from any other error of AWS', () => {
    expect(explainError(denied('ValidationException'))).toMatchObject({ exitCode: 1 });
  });
});
