import { expect, it } from 'vitest';
import { REQUEST_VERSION } from '../../../functions/domain/job.ts';
import { parseRemediationRequest } from '../../../functions/remediate/parse-request.ts';

const REQUEST = {
  v: REQUEST_VERSION,
  mode: 'plan',
  execution: 'e',
  started: '2026-11-22T02:00:00Z',
  finding: { id: 'f', productArn: 'p', control: 'EC2.13', account: '333333333333', region: 'r', partition: 'aws' },
  target: {},
  params: {},
  policy: { mode: 'auto', tags: {} },
};

it('accepts the requests of this release and of the last one', () => {
  for (const v of [REQUEST_VERSION, 3])
    expect(parseRemediationRequest('ec2/x', { ...REQUEST, v })).toMatchObject({ v });
});

it.each([
  [REQUEST_VERSION + 1, 'The remediation ec2/x is older than the workflow: not yet.'],
  [2, 'The workflow is older than the remediation ec2/x: not yet.'],
])('says for v %i which is older', (v, words) => {
  const request = () => parseRemediationRequest('ec2/x', { v });
  expect(request).toThrow(expect.objectContaining({ name: 'StackOutdated' }));
  expect(request).toThrow(
    `It got a remediation request of v ${v}, and understands v 3 to v ${REQUEST_VERSION}.\n${words}`,
  );
});

it.each([[undefined], ['4'], [3.5]])('refuses v %o, which no release has sent', (v) => {
  expect(() => parseRemediationRequest('ec2/x', { ...REQUEST, v })).toThrow(
    expect.objectContaining({ name: 'ConfigurationInvalid' }),
  );
});
