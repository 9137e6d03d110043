import { describe, expect, it } from 'vitest';
import { type DeployOptions, deleteStack, deployTemplate } from '../../../sandbox/cloudformation/index.ts';
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
        adopt: ({ Name = '' }, { state }) => (state.has(Name) ? { ref: Name } : undefined),
        create({ Name, Fails }, { state }) {
          if (Fails) throw new Error(`${Name} fails`);
          if (state.has(Name)) throw new Error(`${Name} already exists`);
          state.set(Name, 'created');
          return { ref: Name };
        },
        remove: ({ ref }, { state }) => void state.delete(ref),
      },
    },
  });
  const kernel = smallKernel(things);
  kernel.state(things, HOME).set('kept', 'from before');
  const deploy = (Resources: object, options?: DeployOptions, name = 'app') =>
    deployTemplate(kernel, HOME, name, { Resources }, options);
  return {
    deploy,
    remove: () => deleteStack(kernel, HOME, 'app'),
    things: () => Object.fromEntries(kernel.state(things, HOME)),
  };
}

const thing = (Name: string, rest: object = { DeletionPolicy: 'RetainExceptOnCreate' }) => ({
  Type: 'Test::Thing',
  Properties: { Name },
  ...rest,
});

describe('a deployment that imports resources by name', () => {
  const imports = 'named';

  it('imports existing resources, creates the others, and keeps both when the stack is deleted', async () => {
    const { deploy, remove, things } = sandbox();
    await deploy({ A: thing('kept'), B: thing('new') }, { imports });
    expect(things()).toEqual({ kept: 'from before', new: 'created' });
    await remove();
    expect(things()).toEqual({ kept: 'from before', new: 'created' });
  });

  it('imports only resources that are retained', async () => {
    await expect(sandbox().deploy({ A: thing('kept', {}) }, { imports })).rejects.toThrow('kept already exists');
  });

  it('keeps what it imported if another resource fails', async () => {
    const { deploy, things } = sandbox();
    const failing = { Type: 'Test::Thing', Properties: { Name: 'b', Fails: true }, DependsOn: 'A' };
    await expect(deploy({ A: thing('kept'), B: failing }, { imports })).rejects.toThrow('b fails');
    expect(things()).toEqual({ kept: 'from before' });
    await deploy({ A: thing('kept') }, { imports });
  });

  it('cannot import a resource of another stack', async () => {
    const { deploy } = sandbox();
    await deploy({ A: thing('kept') }, { imports });
    await expect(deploy({ A: thing('kept') }, { imports }, 'other')).rejects.toThrow('belongs to the stack app');
  });
});

describe('an import by identifiers', () => {
  it('imports the named resources, and creates nothing', async () => {
    const { deploy, things } = sandbox();
    const { resources } = await deploy({ A: thing('whatever'), B: thing('new') }, { imports: { A: { Name: 'kept' } } });
    expect([...resources.keys()]).toEqual(['A']);
    expect(things()).toEqual({ kept: 'from before' });
  });

  it.each([
    ['an identifier that nothing has', thing('x'), 'nothing', 'there is no resource with the identifier'],
    ['a resource without a deletion policy', thing('x', {}), 'kept', 'must have a DeletionPolicy'],
  ])('refuses %s', async (_, resource, Name, message) => {
    await expect(sandbox().deploy({ A: resource }, { imports: { A: { Name } } })).rejects.toThrow(message);
  });
});
