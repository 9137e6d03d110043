/** The version of the contract between a package of remediations and Suture. */
import contract from '../../functions/contract/package.json' with { type: 'json' };

export const CONTRACT_VERSION: string = contract.version;
/** The sources of the contract's modules by the names under which a package imports them. */
export const CONTRACT_MODULES: Readonly<Record<string, URL>> = Object.fromEntries(
  Object.keys(contract.exports).map((name) => [
    `${contract.name}${name.slice(1)}`,
    new URL(`${name}.ts`, new URL('../../functions/contract/', import.meta.url)),
  ]),
);

const KIT = new URL('../../functions/remediations/kit/', import.meta.url);
/** The contract, and the kit of settings, which has the version of the contract. */
export const PROVIDED_SOURCES: Readonly<Record<string, URL>> = {
  ...CONTRACT_MODULES,
  '@suture/kit': new URL('index.ts', KIT),
  '@suture/kit/scenarios': new URL('scenarios.ts', KIT),
};

/**
 * Returns whether a package that was written against `written` works with `current`: it needs the same major version
 * (below 1.0.0 also the same minor one), and nothing that came later.
 */
export function isCompatibleContract(written: string, current = CONTRACT_VERSION): boolean {
  const [major, minor, patch] = numbersIn(written);
  const [ourMajor, ourMinor, ourPatch] = numbersIn(current);
  if (major !== ourMajor) return false;
  if (minor !== ourMinor) return major! > 0 && minor! < ourMinor!;
  return patch! <= ourPatch!;
}

const numbersIn = (version: string): number[] => version.split('.').map(Number);
