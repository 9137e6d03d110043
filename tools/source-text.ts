/** Returns TypeScript with another import after its last one. It needs an import that is not in its first line. */
export function withImport(text: string, importLine: string): string {
  const end = text.indexOf(';\n', text.lastIndexOf('\nimport ')) + 2;
  return `${text.slice(0, end)}${importLine}\n${text.slice(end)}`;
}
