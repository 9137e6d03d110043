/** A formal fault of a file, at a line that counts from 1. */
export type StructureFault = { readonly path: string; readonly line: number; readonly message: string };

/** Returns the line of a position in a text, counted from 1. */
export const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/** Returns the line on which `part` first occurs, or 1 if it does not. */
export const lineOf = (text: string, part: string): number => lineAt(text, Math.max(0, text.indexOf(part)));

export const faultText = ({ path, line, message }: StructureFault): string => `${path}:${line}: ${message}`;
