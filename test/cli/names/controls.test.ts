import { expect, it } from 'vitest';
import { notHandledText } from '../../../cli/names/controls.ts';

it('says of a control that AWS has whether Suture handles it', () => {
  expect(notHandledText('ec2.3')).toBe('Suture does not handle EC2.3.');
  expect(notHandledText('EC2.13')).toBeUndefined();
  expect(notHandledText('Nothing.1')).toBeUndefined();
});
