/**
 * The shorthand of the AWS CLI for structures: `Key=Name,Value=r1`, `DeviceIndex=0,Groups=a,b`,
 * `ResourceType=vpc,Tags=[{Key=Name,Value=main}]`.
 * Read first: the AWS CLI user guide, "Using shorthand syntax".
 */

/** Texts, lists and maps, not typed yet. */
export type ShorthandValue = string | ShorthandValue[] | { [key: string]: ShorthandValue };

/** @returns the map, or null when the text is no shorthand. */
export function parseShorthand(text: string): Record<string, ShorthandValue> | null {
  const parser = new ShorthandParser(text);
  const value = parser.members();
  return value !== null && parser.atEnd ? value : null;
}

const KEY = /[A-Za-z0-9_.:/-]+\s*=/y;

/** Recursive descent; null is a syntax error. */
class ShorthandParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  members(): Record<string, ShorthandValue> | null {
    const members: Record<string, ShorthandValue> = {};
    do {
      const key = this.#key();
      if (key === null) return null;
      const value = this.#value();
      if (value === null) return null;
      members[key] = value;
    } while (this.#skip(','));
    return members;
  }

  #key(): string | null {
    KEY.lastIndex = this.#at;
    const match = KEY.exec(this.#text);
    if (match === null) return null;
    this.#at = KEY.lastIndex;
    return match[0].slice(0, -1).trim();
  }

  /** A value; several texts joined by commas are a list unless the next one is a key. */
  #value(): ShorthandValue | null {
    const first = this.#single(/[^,}]*/y);
    if (first === null || typeof first !== 'string') return first;
    const list: ShorthandValue[] = [first];
    while (this.#text[this.#at] === ',' && !this.#keyFollows(this.#at + 1)) {
      this.#at += 1;
      const next = this.#single(/[^,}]*/y);
      if (next === null) return null;
      list.push(next);
    }
    return list.length === 1 ? first : list;
  }

  #keyFollows(at: number): boolean {
    KEY.lastIndex = at;
    return KEY.test(this.#text);
  }

  #single(plain: RegExp): ShorthandValue | null {
    const char = this.#text[this.#at];
    if (char === '[') return this.#list();
    if (char === '{') {
      this.#at += 1;
      const members = this.members();
      return this.#skip('}') ? members : null;
    }
    if (char === "'" || char === '"') return this.#quoted(char);
    plain.lastIndex = this.#at;
    const text = plain.exec(this.#text)?.[0] ?? '';
    this.#at += text.length;
    return text.trim();
  }

  #list(): ShorthandValue[] | null {
    this.#at += 1;
    const list: ShorthandValue[] = [];
    if (this.#skip(']')) return list;
    do {
      const item = this.#single(/[^,\]]*/y);
      if (item === null) return null;
      list.push(item);
    } while (this.#skip(','));
    return this.#skip(']') ? list : null;
  }

  #quoted(quote: string): string | null {
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end === -1) return null;
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return text;
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }
}
