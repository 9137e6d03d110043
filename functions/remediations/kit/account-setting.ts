/** Returns a write on an account setting, which no ARN limits. */
export const settingWrite = <const A extends `${string}:${string}`>(action: A, because: string) => ({
  actions: [action],
  resources: ['*' as const],
  because,
  wildcardBecause: 'an account setting has no ARN',
});
