import { describe, expect, it } from 'vitest';
import { type DeployOptions, deleteStack, deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { CLOUDFORMATION } from '../../../sandbox/cloudformation/stacks.ts';
import { defineService } from '../../../sandbox/kernel/kernel.ts';
import { HOME, smallKernel } from '../support/small-kernel.ts';

function sandbox() {
  const things = defineService<{}, Map<string, unknown>>({
    name: 'things',
    sdk: {},
    client: class {},
    prefix: 'things',
    scope: 'region',
    state: () => new Map(),
    operations: {},
    resources: {
      'Test::Thing': {
        create(properties, at, { logicalId }) {
          if (at.state.has(logicalId)) throw new Error(`${logicalId} already exists`);
          at.state.set(logicalId, properties);
          return { ref: logicalId };
        },
        update(made, properties, at, { logicalId }) {
          at.state.set(logicalId, properties);
          return made;
        },
        remove(_made, at, { logicalId }, { Sticks }) {
          if (Sticks) throw new Error(`${logicalId} sticks`);
          at.state.delete(logicalId);
        },
      },
    },
  });
  const kernel = smallKernel(things);
  return {
    deploy: (Resources: object, options?: DeployOptions) => deployTemplate(kernel, HOME, 'app', { Resources }, options),
    remove: () => deleteStack(kernel, HOME, 'app'),
    made: () => Object.fromEntries(kernel.state(things, HOME)),
    status: () => kernel.state(CLOUDFORMATION, HOME).stacks.get('app')?.status,
  };
}

const thing = (Properties: object = {}, rest: object = {}) => ({ Type: 'Test::Thing', Properties, ...rest });
const NOT_STABLE = { code: 'NotStabilized', message: expect.stringContaining('B (Test::Thing)') };

describe('a creation that fails', () => {
  it('removes what it created, and the next one succeeds', async () => {
    const { deploy, made, status } = sandbox();
    await expect(deploy({ A: thing(), B: thing(), C: thing() }, { failing: 'B' })).rejects.toMatchObject(NOT_STABLE);
    expect([made(), status()]).toEqual([{}, 'ROLLBACK_COMPLETE']);
    await deploy({ A: thing(), B: thing(), C: thing() });
    expect([Object.keys(made()), status()]).toEqual([['A', 'B', 'C'], 'CREATE_COMPLETE']);
  });

  it('keeps only resources with Retain, which the next creation then finds', async () => {
    const { deploy, made } = sandbox();
    const resources = {
      A: thing({}, { DeletionPolicy: 'Retain' }),
      B: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
    };
    await expect(deploy(resources, { failing: 'B' })).rejects.toMatchObject(NOT_STABLE);
    expect(Object.keys(made())).toEqual(['A']);
    await expect(deploy(resources)).rejects.toThrow('A already exists');
  });

  it('ends as ROLLBACK_FAILED if its rollback fails', async () => {
    const { deploy, status } = sandbox();
    const resources = { A: thing({ Sticks: true }), B: thing() };
    await expect(deploy(resources, { failing: 'B' })).rejects.toThrow(
      /did not stabilize\. The rollback failed too: .*A sticks/,
    );
    expect(status()).toBe('ROLLBACK_FAILED');
  });

  it('under termination protection cannot be tried again before somebody turns it off', async () => {
    const { deploy } = sandbox();
    const options = { isProtected: true };
    await expect(deploy({ B: thing() }, { ...options, failing: 'B' })).rejects.toMatchObject(NOT_STABLE);
    await expect(deploy({ B: thing() }, options)).rejects.toThrow(
      'Stack [app] cannot be deleted while TerminationProtection is enabled',
    );
  });
});

describe('an update that fails', () => {
  it('restores what it changed and removes what it created', async () => {
    const { deploy, made, status } = sandbox();
    await deploy({ A: thing({ X: 1 }), Gone: thing() });
    await expect(deploy({ A: thing({ X: 2 }), B: thing() }, { failing: 'B' })).rejects.toMatchObject(NOT_STABLE);
    expect([made(), status()]).toEqual([{ A: { X: 1 }, Gone: {} }, 'UPDATE_ROLLBACK_COMPLETE']);
    await deploy({ A: thing({ X: 2 }), B: thing() });
    expect([made(), status()]).toEqual([{ A: { X: 2 }, B: {} }, 'UPDATE_COMPLETE']);
  });
});

describe('a stack that is deleted', () => {
  it('keeps resources with a deletion policy that retains them, and is refused under termination protection', async () => {
    const { deploy, remove, made } = sandbox();
    const resources = { A: thing(), B: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }) };
    await deploy(resources, { isProtected: true });
    await expect(remove()).rejects.toThrow('TerminationProtection');
    await deploy(resources, { isProtected: false });
    await remove();
    expect(Object.keys(made())).toEqual(['B']);
  });
});
