/** A report as Markdown, CSV, or one HTML file that needs nothing from the network. Pure. */
import { plain, plainCell, withoutLinks } from '../../functions/domain/plain-text.ts';
import type { ReportSection } from './report-sections.ts';

export const REPORT_FORMATS = ['md', 'csv', 'html'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Names in findings come from member accounts: each format makes them harmless in its own way. */
export function formatReport(format: ReportFormat, title: string, sections: readonly ReportSection[]): string {
  const shown = plain(sections);
  if (format === 'csv') return csvText(shown);
  return format === 'html' ? htmlText(title, shown) : markdownText(title, shown);
}

const markdownCell = (text: string) => withoutLinks(text).replace(/[\\|<>[\]`*_]/g, '\\$&');
const markdownRow = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(' | ')} |`;

const markdownText = (title: string, sections: readonly ReportSection[]): string =>
  [
    `# ${title}`,
    ...sections.flatMap(({ title: name, note, headings, rows }) => [
      `## ${name}`,
      note,
      rows.length === 0
        ? 'None.'
        : [markdownRow(headings), `|${' --- |'.repeat(headings.length)}`, ...rows.map(markdownRow)].join('\n'),
    ]),
  ].join('\n\n');

const csvCell = (text: string) => `"${plainCell(text).replaceAll('"', '""')}"`;

/** Names the table in the first column, so that one file has all tables. RFC 4180 ends lines with CR LF. */
const csvText = (sections: readonly ReportSection[]): string =>
  sections
    .flatMap(({ id, headings, rows }) => [['table', ...headings], ...rows.map((row) => [id, ...row])])
    .map((row) => row.map(csvCell).join(','))
    .join('\r\n');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapedHtml = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #d8dee4}
td.number{text-align:right;font-variant-numeric:tabular-nums}svg text{font:12px system-ui,sans-serif}`;

/** Returns a page whose policy forbids scripts and every request. */
const htmlText = (title: string, sections: readonly ReportSection[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapedHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapedHtml(title)}</h1>
${sections.map(htmlSection).join('\n')}
</body>
</html>`;

const htmlSection = (section: ReportSection): string => {
  const { id, title, note, headings, rows } = section;
  const body = rows.length === 0 ? '<p>None.</p>' : `${chart(section)}${htmlTable(headings, rows)}`;
  return `<section id="${id}"><h2>${escapedHtml(title)}</h2><p>${escapedHtml(note)}</p>${body}</section>`;
};

const htmlTable = (headings: readonly string[], rows: ReportSection['rows']): string =>
  `<table><thead><tr>${headings.map((heading) => `<th>${escapedHtml(heading)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map(htmlCell).join('')}</tr>`)
    .join('')}</tbody></table>`;

const htmlCell = (text: string): string =>
  `<td${/^[\d.]+$/.test(text) ? ' class="number"' : ''}>${escapedHtml(text)}</td>`;

const MAX_BARS = 31;
const [BAR_HEIGHT, LABEL_WIDTH, BAR_WIDTH] = [18, 180, 480];

/** Draws a bar for each row, as inline SVG. */
function chart({ title, headings, rows, chart: column }: ReportSection): string {
  if (column === undefined) return '';
  const shown = rows.slice(-MAX_BARS);
  const most = Math.max(1, ...shown.map((row) => Number(row[column])));
  const bars = shown.map((row, n) => {
    const width = Math.round((BAR_WIDTH * Number(row[column])) / most);
    const [y, middle] = [n * BAR_HEIGHT, n * BAR_HEIGHT + 13];
    return `<text x="0" y="${middle}">${escapedHtml(row[0]!.slice(0, 28))}</text><rect x="${LABEL_WIDTH}" y="${y + 2}" width="${width}" height="${BAR_HEIGHT - 4}" fill="#2f6f9f"/><text x="${LABEL_WIDTH + width + 6}" y="${middle}">${escapedHtml(row[column]!)}</text>`;
  });
  const size = `width="${LABEL_WIDTH + BAR_WIDTH + 60}" height="${shown.length * BAR_HEIGHT}"`;
  return `<svg role="img" aria-label="${escapedHtml(`${title}: ${headings[column]}`)}" ${size}>${bars.join('')}</svg>`;
}
