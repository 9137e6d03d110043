import type { StateKey } from '../../kernel/kernel.ts';

export const S3CONTROL: StateKey<{}> = { name: 's3control', scope: 'account', state: () => ({}) };
