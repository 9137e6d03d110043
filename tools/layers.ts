/**
 * The layers: which folder may import which folders and packages. `npm run check` enforces them. A new folder inside a
 * layer needs no entry.
 */

export type Layer = {
  /**
   * A folder with everything below it, except for what a more specific layer has. `*` stands for any one folder. A layer
   * may also be one file of each folder, such as the `handler.ts` of each function.
   */
  readonly folder: string;
  /** Layers that it may import besides its own folder. One with `*` allows any matching folder. */
  readonly imports: readonly string[];
  /** Layers with `*` of which it may import only the folder that contains it. */
  readonly containing?: readonly string[];
  /** Prefixes of package names. Absent: any. Node's own modules are always allowed. */
  readonly packages?: readonly string[];
};

const SDK = '@aws-sdk/client-';

const CONTRACT = 'functions/contract';
const DOMAIN = [CONTRACT, 'functions/domain'];
const PORTS = [...DOMAIN, 'functions/ports'];
const ADAPTERS = [...PORTS, 'functions/ledger', 'functions/aws'];
const TRIAGE = 'functions/triage';
const FUNCTIONS: readonly Layer[] = [
  { folder: CONTRACT, imports: [], packages: ['zod'] },
  { folder: 'functions/domain', imports: [CONTRACT], packages: ['zod'] },
  { folder: 'functions/ports', imports: DOMAIN, packages: [] },
  { folder: 'functions/ledger', imports: PORTS, packages: ['@aws-sdk/client-dynamodb', 'zod'] },
  { folder: 'functions/aws', imports: PORTS, packages: [SDK, '@aws-lambda-powertools/', 'aws-lambda', 'zod'] },
  // The core of one function. It imports no other function, and calls AWS only through ports.
  { folder: 'functions/*', imports: PORTS, packages: ['zod'] },
  // The command line uses triage to forecast the effect of a policy.
  { folder: TRIAGE, imports: PORTS, packages: ['zod'] },
  // A handler connects its function's core to adapters.
  {
    folder: 'functions/*/handler.ts',
    imports: [...ADAPTERS, 'functions/remediations'],
    containing: ['functions/*', TRIAGE],
    packages: [SDK, 'aws-lambda', 'zod'],
  },
];

const REMEDIATIONS: readonly Layer[] = [
  // The generated lists.
  {
    folder: 'functions/remediations',
    imports: [...DOMAIN, 'functions/remediations/*', 'functions/remediations/kit', 'functions/remediations/*/*'],
    packages: ['zod'],
  },
  { folder: 'functions/remediations/kit', imports: [CONTRACT], packages: [SDK, 'zod'] },
  // The tables, helpers and fixtures of one service.
  { folder: 'functions/remediations/*', imports: [CONTRACT, 'functions/remediations/kit'], packages: [SDK, 'zod'] },
  {
    folder: 'functions/remediations/*/*',
    imports: [CONTRACT, 'functions/remediations/kit'],
    containing: ['functions/remediations/*'],
    packages: [SDK, 'zod'],
  },
];

const IP_RANGES: readonly Layer[] = [
  { folder: 'ip-ranges/contract', imports: DOMAIN, packages: ['zod'] },
  { folder: 'ip-ranges/planning', imports: [...DOMAIN, 'ip-ranges/contract'], packages: ['zod'] },
  {
    folder: 'ip-ranges/function',
    imports: [...ADAPTERS, 'ip-ranges/contract', 'ip-ranges/planning'],
    packages: [SDK, 'aws-lambda', 'zod'],
  },
];

const KERNEL = 'sandbox/kernel';
const ENGINES = ['authorization', 'cloudformation', 'event-patterns', 'runtime', 'states-language', 'wire'].map(
  (name) => `sandbox/${name}`,
);
const SANDBOX: readonly Layer[] = [
  { folder: KERNEL, imports: [], packages: ['@smithy/'] },
  ...ENGINES.map((folder) => ({ folder, imports: [KERNEL] })),
  // The generated list, and code that services share.
  { folder: 'sandbox/services', imports: [KERNEL, 'sandbox/services/*/index.ts'] },
  // The verbs for services whose resources are plain records.
  { folder: 'sandbox/records', imports: [KERNEL, 'sandbox/services'] },
  {
    folder: 'sandbox/services/*',
    imports: [KERNEL, ...ENGINES, 'sandbox/records', 'sandbox/services', 'sandbox/services/*'],
  },
  // Other services import single files of a service, never its definition, which loads the whole service.
  {
    folder: 'sandbox/services/*/index.ts',
    imports: [KERNEL, ...ENGINES, 'sandbox/records', 'sandbox/services', 'sandbox/services/*'],
  },
  { folder: 'sandbox', imports: [KERNEL, ...ENGINES, 'sandbox/services', 'sandbox/services/*'] },
];

const foldersOf = (layers: readonly Layer[]) => layers.map(({ folder }) => folder);
const PRODUCT = [...foldersOf(FUNCTIONS), ...foldersOf(REMEDIATIONS), ...foldersOf(IP_RANGES)];

const STACKS: Layer = {
  folder: 'stacks',
  imports: [...DOMAIN, 'functions/remediations', 'ip-ranges/contract'],
};

/** The command line calls AWS through the functions' adapters. It never imports the sandbox. */
const CLI: Layer = {
  folder: 'cli',
  imports: [...ADAPTERS, TRIAGE, 'functions/remediations', 'ip-ranges/contract', 'stacks'],
};

/** Checks an installation in AWS. It never imports the sandbox, so that no check passes because of the model. */
const SMOKE: Layer = { folder: 'smoke', imports: [...ADAPTERS, 'functions/remediations', 'stacks', 'cli'] };

const BELOW_LAB = [...PRODUCT, ...foldersOf(SANDBOX), 'stacks', 'cli'];
const LAB: readonly Layer[] = [
  { folder: 'lab/organization', imports: BELOW_LAB },
  { folder: 'lab/laws', imports: [...BELOW_LAB, 'lab/organization'] },
  { folder: 'lab/incidents', imports: [...BELOW_LAB, 'lab/organization'] },
  { folder: 'lab/story', imports: [...BELOW_LAB, 'lab/organization', 'lab/incidents'] },
  { folder: 'lab/simulate', imports: [...BELOW_LAB, 'lab/organization'] },
  { folder: 'lab/bench', imports: [...BELOW_LAB, 'lab/organization', 'lab/laws', 'lab/simulate'] },
  { folder: 'lab/soak', imports: [...BELOW_LAB, 'lab/organization', 'lab/simulate'] },
];

const BELOW_TOOLS = [...BELOW_LAB, ...foldersOf(LAB), 'smoke'];

export const LAYERS: readonly Layer[] = [
  ...FUNCTIONS,
  ...REMEDIATIONS,
  ...IP_RANGES,
  ...SANDBOX,
  STACKS,
  CLI,
  SMOKE,
  ...LAB,
  { folder: 'tools', imports: BELOW_TOOLS },
  { folder: 'bin', imports: BELOW_TOOLS },
  { folder: 'test', imports: [...BELOW_TOOLS, 'tools', 'bin'] },
];

/** The entry points of bundles, which must not contain the contract of scenarios. */
export const BUNDLE_ENTRY =
  /^functions\/[^/]+\/handler\.ts$|^functions\/remediations\/.+\/index\.ts$|^ip-ranges\/.+handler\.ts$/;
export const SCENARIO_CONTRACT = 'functions/contract/scenario.ts';
