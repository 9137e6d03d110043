/** The readmes of packages by remediation, as `packaged-remediations.ts` has their remediations. */
export type PackagedReadme = { readonly path: string; readonly text: string };

export const PACKAGED_READMES: Readonly<Record<string, PackagedReadme>> = {};
