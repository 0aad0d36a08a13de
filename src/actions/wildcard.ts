/**
 * AWS's patterns of filters: `*` is any text, `?` one character, a backslash takes both literally.
 * Matching takes at most pattern times text, whatever the stars: the patterns are a client's.
 */

/** What stands in a pattern beside the code units that mean themselves. */
const ANY_TEXT = -1;
const ANY_UNIT = -2;

/** Compiles a pattern. @returns whether a text matches it as a whole. */
export function wildcardTest(pattern: string): (text: string) => boolean {
  if (!/[*?\\]/.test(pattern)) return (text) => text === pattern;
  const units = unitsOf(pattern);
  return (text) => isMatch(units, text);
}

function unitsOf(pattern: string): number[] {
  const units: number[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index];
    if (char === '\\' && index + 1 < pattern.length) units.push(pattern.charCodeAt(++index));
    else if (char === '*') units.push(ANY_TEXT);
    else if (char === '?') units.push(ANY_UNIT);
    else units.push(pattern.charCodeAt(index));
  }
  return units;
}

/** Only the last star that was met ever takes more: those before it have found their earliest ends. */
function isMatch(units: readonly number[], text: string): boolean {
  let unit = 0;
  let star = -1;
  let starEnd = 0;
  for (let at = 0; at < text.length; ) {
    const wanted = units[unit];
    if (wanted === ANY_TEXT) {
      star = unit++;
      starEnd = at;
    } else if (wanted === ANY_UNIT || wanted === text.charCodeAt(at)) {
      unit++;
      at++;
    } else if (star < 0) return false;
    else {
      unit = star + 1;
      at = ++starEnd;
    }
  }
  while (units[unit] === ANY_TEXT) unit++;
  return unit === units.length;
}
