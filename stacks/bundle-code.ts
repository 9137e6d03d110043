/** A function's bundle as an asset, in the form of the CDK's own, by hard links. */
import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { FileAssetPackaging, Stack, Stage } from 'aws-cdk-lib';
import { Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Bundles } from './constructs/function.ts';

/** Returns the bundles that `buildBundles` has written into `folder`. */
export const bundlesIn =
  (folder: string): Bundles =>
  (name) =>
    new BundleCode(join(folder, name));

/**
 * Bundles share most of their chunks. `Code.fromAsset` would copy and hash each chunk once for every function that has
 * it, which takes half of a synthesis.
 */
class BundleCode extends Code {
  readonly isInline = false;
  readonly #folder: string;

  /** @param folder has files only */
  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  bind(scope: Construct): CodeConfig {
    const files = readdirSync(this.#folder).toSorted();
    const sourceHash = hashOfContents(this.#folder, files);
    const fileName = `asset.${sourceHash}`;
    linkFiles(this.#folder, files, join(Stage.of(scope)!.assetOutdir, fileName));
    const packaging = FileAssetPackaging.ZIP_DIRECTORY;
    const { bucketName, objectKey } = Stack.of(scope).synthesizer.addFileAsset({ fileName, packaging, sourceHash });
    return { s3Location: { bucketName, objectKey } };
  }
}

function hashOfContents(folder: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0${hashOfFile(join(folder, file))}\n`);
  return hash.digest('hex');
}

/** By device, inode and time of change: all links of a file have the same key. */
const HASHES = new Map<string, string>();

function hashOfFile(path: string): string {
  const { dev, ino, mtimeMs } = statSync(path);
  const key = `${dev} ${ino} ${mtimeMs}`;
  const known = HASHES.get(key) ?? createHash('sha256').update(readFileSync(path)).digest('hex');
  HASHES.set(key, known);
  return known;
}

/**
 * Links into a temporary folder and renames it, so that a killed process never leaves a folder with half of the files.
 */
function linkFiles(from: string, files: readonly string[], to: string): void {
  if (existsSync(to)) return;
  const unfinished = `${to}.${randomUUID()}`;
  mkdirSync(unfinished, { recursive: true });
  for (const file of files) linkOrCopy(join(from, file), join(unfinished, file));
  renameSync(unfinished, to);
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // Another disk, or one without links.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(code)) throw error;
    copyFileSync(from, to);
  }
}
