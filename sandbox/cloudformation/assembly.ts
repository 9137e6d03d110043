/**
 * Deploys the output directory of `cdk synth`, in the order of its dependencies.
 * The cloud assembly: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cloud-assembly-schema/README.md
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { AwsPlace, Kernel } from '../kernel/kernel.ts';
import { deployTemplate } from './deploy.ts';
import type { Imports } from './imports.ts';
import { inDependencyOrder } from './order.ts';
import type { Stack } from './stacks.ts';

export type AssemblyOptions = {
  /** The accounts of a stack without account and Region, which a service-managed StackSet would deploy. */
  readonly memberAccounts: readonly string[];
  /** The Region of such stacks; default us-east-1. */
  readonly homeRegion?: string;
  readonly only?: readonly string[];
  /** Versions of the CDK's bootstrap by account, undefined for none. Default: a recent one. */
  readonly bootstrapVersions?: Readonly<Record<string, number | undefined>>;
  /** A stack, and the logical id of its resource that fails after it was created. */
  readonly failing?: { readonly stack: string; readonly logicalId: string };
  readonly imports?: Imports;
};

export type DeployedStack = { readonly place: AwsPlace; readonly stack: Stack };

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      dependencies: z.array(z.string()).default([]),
      properties: z
        .object({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          terminationProtection: z.boolean().optional(),
          parameters: z.record(z.string(), z.string()).default({}),
          file: z.string().optional(),
          directoryName: z.string().optional(),
        })
        .default({ parameters: {} }),
    }),
  ),
});

const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

type Artifact = z.infer<typeof manifestSchema>['artifacts'][string];

/** Deploys the stacks of an assembly and of its nested assemblies (stages). Returns them in the order of deployment. */
export async function deployAssembly(
  kernel: Kernel,
  directory: string,
  options: AssemblyOptions,
): Promise<DeployedStack[]> {
  return kernel.clock.during(() => deployDirectory(kernel, resolve(directory), options));
}

async function deployDirectory(kernel: Kernel, directory: string, options: AssemblyOptions): Promise<DeployedStack[]> {
  const { artifacts } = manifestSchema.parse(await readJson(join(directory, 'manifest.json')));
  const dependencies = new Map(Object.entries(artifacts).map(([id, artifact]) => [id, new Set(artifact.dependencies)]));
  const order = inDependencyOrder(
    dependencies,
    (ids) => new Error(`Stacks of ${directory} depend on each other: ${ids.join(', ')}`),
  );
  const assets = await assetPaths(directory, Object.values(artifacts));
  const deployed: DeployedStack[] = [];
  for (const id of order) {
    const artifact = artifacts[id]!;
    const { templateFile, stackName = id, parameters, directoryName, terminationProtection } = artifact.properties;
    if (artifact.type === 'cdk:cloud-assembly' && directoryName) {
      deployed.push(...(await deployDirectory(kernel, join(directory, directoryName), options)));
    }
    if (artifact.type !== 'aws:cloudformation:stack' || !templateFile) continue;
    if (options.only && !options.only.includes(stackName)) continue;
    const template = await readJson(join(directory, templateFile));
    for (const place of placesOf(kernel, artifact, options)) {
      const failing = options.failing?.stack === stackName ? options.failing.logicalId : undefined;
      const { bootstrapVersions = {} } = options;
      const stackOptions = {
        parameters,
        assets,
        isProtected: terminationProtection ?? false,
        failing,
        imports: options.imports,
        ...(place.account in bootstrapVersions && { bootstrapVersion: bootstrapVersions[place.account] }),
      };
      deployed.push({ place, stack: await deployTemplate(kernel, place, stackName, template, stackOptions) });
    }
  }
  return deployed;
}

async function assetPaths(directory: string, artifacts: readonly Artifact[]): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const { type, properties } of artifacts) {
    if (type !== 'cdk:asset-manifest' || !properties.file) continue;
    const { files } = assetsSchema.parse(await readJson(join(directory, properties.file)));
    for (const { source, destinations } of Object.values(files)) {
      if (!source.path) continue;
      for (const { objectKey } of Object.values(destinations)) paths.set(objectKey, resolve(directory, source.path));
    }
  }
  return paths;
}

function placesOf(kernel: Kernel, artifact: Artifact, options: AssemblyOptions): AwsPlace[] {
  const [, account = '', region = ''] = /^aws:\/\/([^/]+)\/(.+)$/.exec(artifact.environment ?? '') ?? [];
  const accounts = account === 'unknown-account' ? options.memberAccounts : [account];
  const where = region === 'unknown-region' ? (options.homeRegion ?? 'us-east-1') : region;
  return accounts.map((each) => ({ partition: kernel.partition, account: each, region: where }));
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
