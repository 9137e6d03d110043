export const TEST_POLICY = {
  version: 1,
  controls: { 'EC2.7': 'auto', 'EC2.13': 'auto', 'EC2.14': 'observe' } as Readonly<Record<string, string>>,
  suppressions: [
    {
      id: 'bastion',
      reason: 'The bastion host is reachable on purpose',
      owner: 'platform-team',
      expires: '2099-12-31',
      criteria: { control: 'EC2.13', account: '555555555555' },
    },
  ],
  caps: { perAccountAndHour: 100 },
};
