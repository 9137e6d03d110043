import { describe, expect, it } from 'vitest';
import type { SutureApi } from '../../../cli/clients/api.ts';
import { doctorCommand } from '../../../cli/commands/doctor.ts';
import { doctorText } from '../../../cli/doctor/doctor-text.ts';
import type { DoctorResult } from '../../../functions/domain/doctor.ts';

const ACCOUNTS = Array.from({ length: 120 }, (_, n) => ({ id: String(300_000_000_000 + n), status: 'ACTIVE' }));
const SUSPENDED = { id: '777777777777', status: 'SUSPENDED' };

type Asked = { readonly route: string; readonly body: any };

/** An installation in which `results` is what each account's check finds. */
function fakeApi(results: (account: string) => DoctorResult[]) {
  const asked: Asked[] = [];
  const api: SutureApi = {
    async call(route, { body, query } = {}) {
      asked.push({ route, body });
      const { accounts = [] } = (body ?? {}) as { accounts?: string[] };
      switch (route) {
        case 'listDoctorAccounts':
          return query?.next ? { accounts: [SUSPENDED] } : { accounts: ACCOUNTS, next: '2' };
        case 'listStackInstances':
          return { instances: [{ account: ACCOUNTS[0]!.id, status: 'CURRENT' }] };
        case 'listRecorderVerdicts': {
          const passed = ACCOUNTS.map(({ id }) => ({ account: id, region: 'eu-west-1', status: 'PASSED' }));
          return { verdicts: passed.slice(1), regions: ['eu-west-1'] };
        }
        case 'checkAccounts':
        case 'compareRoles':
          return { results: accounts.flatMap(results) };
        default:
          return { results: [{ check: route, where: 'here' }] };
      }
    },
  };
  return { api, asked };
}

const drift = (where: string): DoctorResult => ({
  ...{ check: 'role-drift', where, problem: 'differs', remedy: `update ${where}`, lines: ['- a', '+ b'] },
});

describe('doctor', () => {
  it('asks 50 active accounts a call, each with its instance of the StackSet, and shows progress', async () => {
    const { api, asked } = fakeApi(() => []);
    const lines: string[] = [];
    await doctorCommand({ api, progress: (line) => lines.push(line) });
    const batches = asked.filter(({ route }) => route === 'checkAccounts').map(({ body }) => body);
    expect(batches.map(({ accounts }) => accounts.length)).toEqual([50, 50, 20]);
    expect(batches.map(({ instances }) => instances.length)).toEqual([1, 0, 0]);
    expect(batches.flatMap(({ accounts }) => accounts)).not.toContain(SUSPENDED.id);
    expect(lines).toContain('checking accounts 51 to 100 of 120');
  });

  it('fails for an account of whose Config nobody knows anything', async () => {
    const { text, failed } = await doctorCommand({ api: fakeApi(() => []).api, json: true });
    expect(failed).toBe(true);
    const { results, problems } = JSON.parse(text);
    expect(problems).toBe(1);
    expect(results.find(({ problem }: DoctorResult) => problem)).toMatchObject({
      check: 'config-on',
      where: `${ACCOUNTS[0]!.id} eu-west-1`,
    });
  });

  it('prints what accounts say as plain lines, and exactly in JSON', async () => {
    const hostile = '=cmd|x\n0 problems.\u001b[8m\u202e\u009b';
    const { api } = fakeApi((where) => [{ ...drift(where), problem: hostile, remedy: hostile, lines: [hostile] }]);
    const account = [ACCOUNTS[1]!.id];
    const { text } = await doctorCommand({ api, account });
    expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]|^\s*0 problems/mu);
    for (const cell of text.split(/[\t\n]/)) expect(cell).not.toMatch(/^=/);
    const exact = await doctorCommand({ api, account, json: true });
    expect(JSON.stringify(JSON.parse(exact.text).results)).toContain(JSON.stringify(hostile));
  });

  it('prints a line for each problem and each line of a difference', async () => {
    const { api } = fakeApi((where) => [drift(where)]);
    const { text, failed } = await doctorCommand({ api, account: [ACCOUNTS[1]!.id] });
    expect(failed).toBe(true);
    expect(text.split('\n')).toEqual([
      `problem\trole-drift\t${ACCOUNTS[1]!.id}\tdiffers\tupdate ${ACCOUNTS[1]!.id}`,
      `difference\trole-drift\t${ACCOUNTS[1]!.id}\tmissing\ta`,
      `difference\trole-drift\t${ACCOUNTS[1]!.id}\tunexpected\tb`,
    ]);
  });

  it('refuses an account that the organization does not have', async () => {
    const { api } = fakeApi(() => []);
    await expect(doctorCommand({ api, account: ['999999999999'] })).rejects.toThrow(
      'The organization has no active account "999999999999"',
    );
  });
  it('shows the same problem of many accounts once', () => {
    const text = doctorText(ACCOUNTS.slice(0, 12).map(({ id }) => drift(id)));
    expect(text.match(/- a/g)).toHaveLength(1);
    expect(text).toContain('and 2 more places');
  });

  it('compares a role in all accounts but the reference', async () => {
    const { api, asked } = fakeApi((where) => [{ check: 'role-comparison', where }]);
    const reference = ACCOUNTS[7]!.id;
    const { failed } = await doctorCommand({ api, role: 'Deploy', reference });
    expect(failed).toBe(false);
    const batches = asked.filter(({ route }) => route === 'compareRoles').map(({ body }) => body);
    expect(batches.every((body) => body.role === 'Deploy' && body.reference === reference)).toBe(true);
    expect(batches.flatMap(({ accounts }) => accounts)).toHaveLength(119);
    expect(batches.flatMap(({ accounts }) => accounts)).not.toContain(reference);
  });

  it.each([
    [{ role: 'Deploy' }, /belong together/],
    [{ reference: '111122223333' }, /belong together/],
    [{ account: ['12'] }, /"12" is not an account id/],
    [{ role: 'Deploy', reference: 'prod' }, /"prod" is not an account id/],
  ])('refuses %j', async (options, message) => {
    await expect(doctorCommand({ ...options, api: fakeApi(() => []).api })).rejects.toThrow(message);
  });
});
