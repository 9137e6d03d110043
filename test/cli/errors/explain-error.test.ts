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
  it('of a viewer names the role that may before the Region', () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    const user = 'User: arn:aws:sts::111111111111:assumed-role/suture-viewer/ada is not authorized to perform: a:B';
    const { message } = explainError(Object.assign(new Error(user), { name: 'AccessDenied', $metadata: {} }));
    expect(message).toContain(
      'perform: a:B. The role suture-operator may: run the command again with --as operator, or with its profile. If that is denied too, eu-west-1 may not be the home Region',
    );
  });
  it('is told from any other error of AWS', () => {
    expect(explainError(denied('ValidationException'))).toMatchObject({ exitCode: 1 });
  });
});
