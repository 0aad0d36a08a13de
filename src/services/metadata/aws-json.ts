/** JSON as instance metadata has it. */

/** @returns one member a line, with blanks around the colons, and no end of the last line. */
export function awsJson(members: Readonly<Record<string, string | null>>): string {
  const inner = Object.entries(members).map(
    ([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`,
  );
  return `{\n${inner.join(',\n')}\n}`;
}

/** @param ms Since the epoch. @returns such as `2020-05-01T12:00:00Z`. */
export function awsTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
