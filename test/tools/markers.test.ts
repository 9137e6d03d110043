import { describe, expect, it } from 'vitest';
import { fillMarkers } from '../../tools/generators/markers.ts';

const PAGE = 'Before.\n\n<!-- table: controls -->\nold\n<!-- end -->\n\nAfter.\n';
const fill = (page: string, ...parts: [string, string][]) => fillMarkers('README.md', page, new Map(parts));

describe('the generated part of a page', () => {
  it('replaces the text between its markers, and nothing else', () => {
    const filled = fill(PAGE, ['table: controls', 'new']);
    expect(filled).toBe('Before.\n\n<!-- table: controls -->\n\nnew\n\n<!-- end -->\n\nAfter.\n');
    expect(fill(filled, ['table: controls', 'new'])).toBe(filled);
  });
  it('is refused when the page lacks its markers', () => {
    expect(() => fill(PAGE, ['table: controls', ''], ['head', ''])).toThrow(
      'README.md lacks the markers <!-- head --> and <!-- end -->. Put each on a line of its own.',
    );
  });
  it('is refused when the page has its markers twice', () => {
    expect(() => fill(PAGE + PAGE, ['table: controls', ''])).toThrow('has the marker <!-- table: controls --> twice');
  });
  it('is refused when nothing generates it', () => {
    expect(() => fill(PAGE)).toThrow('or nothing generates this part');
  });
});
