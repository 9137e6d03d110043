import { describe, expect, it } from 'vitest';
import { variableName, withLine } from '../../tools/registry-lines.ts';

const listOf = (...ids: string[]) => `/** Every remediation. */
import type { Remediation } from '../contract/remediation.ts';
${ids.map((id) => `import ${variableName(id)} from './${id}/index.ts';\n`).join('')}
export const remediations: readonly Remediation[] = [${ids.map(variableName).join(', ')}];

export const other = [1];
`;

describe('a line of the registry', () => {
  it.each([
    ['first', 'ec2/a-thing', ['ec2/a-thing', 'ec2/c-thing', 's3/e-thing']],
    ['in between', 'kms/d-thing', ['ec2/c-thing', 'kms/d-thing', 's3/e-thing']],
    ['last', 's3/z-thing', ['ec2/c-thing', 's3/e-thing', 's3/z-thing']],
  ])('goes where its id belongs: %s', (_, id, ids) => {
    expect(withLine(listOf('ec2/c-thing', 's3/e-thing'), id)).toBe(listOf(...ids));
  });
  it('breaks the list as the formatter does', () => {
    const ids = ['ec2/an-uncommonly-long-name', 'ec2/be-longer-than-others-are', 'ec2/come-to-the-end-of-the-line'];
    expect(withLine(listOf(...ids), 'ec2/do-this')).toContain(
      '= [\n  anUncommonlyLongName,\n  beLongerThanOthersAre,\n  comeToTheEndOfTheLine,\n  doThis,\n];\n',
    );
  });
  it('has a name of its own where another service has the same', () => {
    const text = withLine(listOf('ec2/block-public-access'), 's3/block-public-access');
    expect(text).toContain("import s3BlockPublicAccess from './s3/block-public-access/index.ts';");
    expect(text).toContain('[blockPublicAccess, s3BlockPublicAccess]');
  });
  it('is not guessed into a file of another kind', () => {
    expect(() => withLine('export const nothing = [];', 'ec2/do-this')).toThrow(/no list of remediations/);
  });
});
