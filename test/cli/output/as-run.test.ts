import { afterEach, describe, expect, it, vi } from 'vitest';
import { pageText } from '../../../cli/docs/page-text.ts';
import { wrapOutput, wrapWords } from '../../../cli/output/paragraphs.ts';
import { writable } from '../../../cli/output/writable.ts';

const COMMAND = 'aws sqs receive-message --queue-url <url>';
const AT_ENDPOINT = 'aws --endpoint-url "$AWS_ENDPOINT_URL" sqs receive-message --queue-url <url>';

describe('a command of the AWS CLI', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('has the endpoint of the environment, once, in lines, errors and pages', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:4601');
    expect(wrapOutput(`  ${COMMAND}`, 80)).toBe(`  ${AT_ENDPOINT}`);
    expect(wrapWords(`Look: ${COMMAND}`, 200)).toBe(`Look: ${AT_ENDPOINT}`);
    expect(wrapWords(wrapOutput(COMMAND, 80), 80)).toBe(AT_ENDPOINT);
    expect(pageText(`\`\`\`sh\n${COMMAND}\n\`\`\``, 'docs/runbook.md', 80)).toContain(AT_ENDPOINT);
  });
  it('stays as it is without an endpoint, in JSON, and where nothing of it is run', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', undefined);
    expect(wrapOutput(COMMAND, 80)).toBe(COMMAND);
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:4601');
    for (const text of ['as aws securityhub get-findings prints it', 'aws sso login', 'in aws terms'])
      expect(wrapOutput(text, 80)).toBe(text);
    expect(writable(JSON.stringify({ how: COMMAND }))).toBe(JSON.stringify({ how: COMMAND }));
  });
});
