import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isSameTemplate, readRolloutTemplate } from '../../../cli/rollout/template.ts';
import { namesOf } from '../../../functions/domain/names.ts';

const NAMES = namesOf({ prefix: 'suture' });
const directory = mkdtempSync(join(tmpdir(), 'suture-rollout-template-'));
afterAll(() => rmSync(directory, { recursive: true }));

const write = (name: string, content: unknown) =>
  writeFileSync(join(directory, name), JSON.stringify(content, null, 1));
const stackWith = (properties: object, StackSetName = 'suture-member-role') =>
  write('SutureOrgRollout.template.json', {
    Resources: {
      Other: { Type: 'AWS::CloudFormation::StackSet', Properties: { StackSetName: 'suture-ip-ranges-role-1' } },
      Set: { Type: 'AWS::CloudFormation::StackSet', Properties: { StackSetName, ...properties } },
    },
  });
const LARGE = { Description: 'x'.repeat(51_200), Resources: {} };
const read = (choice: object = {}) => readRolloutTemplate({ directory, ...choice }, NAMES);

describe('the template of a rollout', () => {
  it('is the one of the StackSet in the synthesized stack, to the letter', async () => {
    stackWith({ TemplateBody: '{"Resources":{ }}' });
    expect(await read()).toEqual({
      text: '{"Resources":{ }}',
      source: join(directory, 'SutureOrgRollout.template.json'),
    });
  });

  it('of a delegated administrator is an asset if it is large, which a person uploads', async () => {
    const asset = 'a'.repeat(64);
    write(`asset.${asset}.json`, LARGE);
    stackWith({ TemplateURL: { 'Fn::Sub': `https://s3.\${AWS::URLSuffix}/cdk-assets/${asset}.json` } });
    await expect(read()).rejects.toThrow('name its https address: --template-url');
    const url = 'https://templates.s3.amazonaws.com/member.json';
    expect(await read({ url })).toMatchObject({ text: JSON.stringify(LARGE), url });
  });

  it('of the management account is where cdk.json says if it is large', async () => {
    write('SutureMemberRole.template.json', LARGE);
    const TemplateURL = 'https://templates.s3.amazonaws.com/suture-member-role-0123456789abcdef.json';
    stackWith({ TemplateURL });
    expect(await read()).toMatchObject({ text: JSON.stringify(LARGE), url: TemplateURL });
  });

  it('of a file is sent without white space', async () => {
    write('before.json', { Resources: {} });
    expect((await read({ file: join(directory, 'before.json') })).text).toBe('{"Resources":{}}');
    writeFileSync(join(directory, 'member.yaml'), 'Resources: {}');
    await expect(read({ file: join(directory, 'member.yaml') })).rejects.toThrow('is not a template in JSON');
  });

  it('is missing if the stack has no StackSet of this installation', async () => {
    stackWith({ TemplateBody: '{}' }, 'staging-member-role');
    await expect(read()).rejects.toThrow('has no StackSet suture-member-role');
  });

  it('is compared by what it means', () => {
    expect(isSameTemplate('{"a": 1, "b": 2}', '{"b":2,"a":1}')).toBe(true);
    expect(isSameTemplate('{"a":1}', '{"a":2}')).toBe(false);
    expect(isSameTemplate('', '{}')).toBe(false);
  });
});
