/** Tables of text: aligned for a terminal, tab-separated for a pipe. */

export interface Table {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const GAP = '  ';
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC
const COLOUR = /\u001b\[[0-9;]*m/g;

/** @returns columns as wide as their widest cell, without blanks at the ends of lines. */
export function alignTable(table: Table): string {
  const lines = [table.headers, ...table.rows];
  const widths = table.headers.map((_, column) =>
    Math.max(...lines.map((cells) => visibleLength(cells[column] ?? ''))),
  );
  return lines
    .map((cells) => cells.map((cell, column) => pad(cell, widths[column] ?? 0)).join(GAP))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** @returns one line a row, header first, cells without tabs or line ends. */
export function tabTable(table: Table): string {
  return [table.headers, ...table.rows]
    .map((cells) => `${cells.map((cell) => cell.replaceAll(/[\t\n]/g, ' ')).join('\t')}\n`)
    .join('');
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - visibleLength(cell)));
}

function visibleLength(cell: string): number {
  return [...cell.replaceAll(COLOUR, '')].length;
}
