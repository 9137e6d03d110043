/** A violation of the repository's form. Lines count from 1. */
export type StructureFault = { readonly path: string; readonly line: number; readonly message: string };

export const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/** Returns the line of the first occurrence of `part`, or 1 if there is none. */
export const lineOf = (text: string, part: string): number => lineAt(text, Math.max(0, text.indexOf(part)));

export const faultText = ({ path, line, message }: StructureFault): string => `${path}:${line}: ${message}`;
