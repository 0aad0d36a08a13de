/** Tables in Markdown, which a terminal shows as well: columns are as wide as their widest cell. */

/** @param rows The first is the heading. Columns but the first are aligned to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...body] = rows;
  const widths = heading.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `| ${cells.join(' | ')} |`;
  };
  const rule = widths.map((width, column) => '-'.repeat(width + 1) + (column === 0 ? '-' : ':'));
  return `${[line(heading), `|${rule.join('|')}|`, ...body.map(line)].join('\n')}\n`;
}

/** @returns the number with so many digits behind the point, thousands apart; `-` for none. */
export function number(value: number | null, digits = 0): string {
  if (value === null || Number.isNaN(value)) return '-';
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString('en', options);
}
