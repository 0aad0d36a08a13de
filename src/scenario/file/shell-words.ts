/** Splits a command line as a POSIX shell does, without expansions. */

const BLANK = /\s/;

/** @returns the words, or null when a quote is not closed. */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: "'" | '"' | null = null;
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (quote !== null) {
      const escaped = quote === '"' && char === '\\' && /["\\$`]/.test(text.charAt(index + 1));
      if (char === quote) quote = null;
      else word = (word ?? '') + (escaped ? text.charAt(++index) : char);
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (char === '\\' && index + 1 < text.length) {
      index += 1;
      // A line that is continued.
      if (text.charAt(index) !== '\n') word = (word ?? '') + text.charAt(index);
    } else if (BLANK.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}
