/** The text of DNS names and records, as zone files and Route 53 have it. @source RFC 1035 5.1 */
import { parseIpv4 } from '../addr/ipv4.ts';
import { parseIpv6 } from '../addr/ipv6.ts';
import type { RecordData } from './dns-records.ts';

/** What hosted zones may hold. */
export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;

const LABEL = /^[a-z0-9_-]{1,63}$/;
const MAX_NAME_LENGTH = 253;
const MAX_STRING_LENGTH = 255;
const MAX_U16 = 0xffff;
const MAX_U32 = 0xffff_ffff;

/** @returns the name in lower case and without a dot at its end; null when no host can have it. */
export function parseDomainName(text: string): string | null {
  const name = text.toLowerCase().replace(/\.$/, '');
  const isLegal = name.length <= MAX_NAME_LENGTH && name.split('.').every((it) => LABEL.test(it));
  return isLegal ? name : null;
}

/** As `parseDomainName`, of a name that has records: its first label may be `*`. @source RFC 4592 */
export function parseOwnerName(text: string): string | null {
  if (!text.startsWith('*.')) return parseDomainName(text);
  const above = parseDomainName(text.slice(2));
  return above === null ? null : `*.${above}`;
}

/** What a text should have been. */
export interface Unreadable {
  readonly wanted: string;
}

/** @returns what a record of the type says, or what was wanted. */
export function parseRecordValue(type: RecordData['type'], text: string): RecordData | Unreadable {
  switch (type) {
    case 'A': {
      const addr = parseIpv4(text);
      return addr === null ? { wanted: 'an IPv4 address' } : { type, addr };
    }
    case 'AAAA': {
      const addr = parseIpv6(text);
      return addr === null ? { wanted: 'an IPv6 address' } : { type, addr };
    }
    case 'CNAME':
    case 'NS':
    case 'PTR': {
      const target = parseDomainName(text);
      return target === null ? { wanted: 'a domain name' } : { type, target };
    }
    case 'MX': {
      const [[preference] = [], exchange] = numbersAndName(text, 1) ?? [];
      if (preference === undefined || exchange === undefined)
        return { wanted: 'a preference and a domain name, such as 10 mail.example.com' };
      return { type, preference, exchange };
    }
    case 'SRV': {
      const [[priority, weight, port] = [], target] = numbersAndName(text, 3) ?? [];
      if (priority === undefined || weight === undefined) return SRV_WANTED;
      if (port === undefined || target === undefined) return SRV_WANTED;
      return { type, priority, weight, port, target };
    }
    case 'TXT': {
      const strings = parseStrings(text);
      return strings ?? { wanted: 'printable ASCII, or such text in double quotes' };
    }
    case 'SOA':
      return parseSoa(text) ?? { wanted: 'two domain names and five numbers' };
    default:
      return type satisfies never;
  }
}

const SRV_WANTED = { wanted: 'priority, weight, port and a domain name, such as 0 5 80 w.example' };

/** Reads `10 mail.example.com`; the root stands for nobody (RFC 7505, RFC 2782). */
function numbersAndName(text: string, count: number): [numbers: number[], name: string] | null {
  const words = text.trim().split(/\s+/);
  const numbers = words.slice(0, -1).map((word) => numberOf(word, MAX_U16));
  const last = words.at(-1) ?? '';
  const name = last === '.' ? '' : parseDomainName(last);
  const isWhole = numbers.length === count && numbers.every((each) => each !== null);
  return isWhole && name !== null ? [numbers, name] : null;
}

function numberOf(word: string, largest: number): number | null {
  const value = Number(word);
  return /^\d{1,10}$/.test(word) && value <= largest ? value : null;
}

function parseSoa(text: string): RecordData | null {
  const [primaryText = '', mailboxText = '', ...words] = text.trim().split(/\s+/);
  const primary = parseDomainName(primaryText);
  const mailbox = parseDomainName(mailboxText);
  const numbers = words.map((word) => numberOf(word, MAX_U32));
  const [serial, refresh, retry, expire, minimum, more] = numbers;
  if (primary === null || mailbox === null || more !== undefined) return null;
  if (serial == null || refresh == null || retry == null || expire == null || minimum == null)
    return null;
  return { type: 'SOA', primary, mailbox, serial, refresh, retry, expire, minimum };
}

const QUOTED = /"((?:[^"\\]|\\\d{3}|\\["\\])*)"/g;
const ESCAPED = /\\(\d{3}|["\\])/g;

/** Several strings are in quotes each; other text is one, which is cut where it is too long. */
function parseStrings(text: string): RecordData | null {
  if (!/^[ -~]*$/.test(text)) return null;
  const isQuoted = text.startsWith('"');
  if (isQuoted && text.replace(QUOTED, '').trim() !== '') return null;
  const strings = isQuoted
    ? Array.from(text.matchAll(QUOTED), ([, inner = '']) => inner.replace(ESCAPED, unescaped))
    : (text.match(new RegExp(`.{1,${MAX_STRING_LENGTH}}`, 'g')) ?? ['']);
  const isLegal = strings.every(
    (each) => each.length <= MAX_STRING_LENGTH && !/[^\0-\xff]/.test(each),
  );
  return isLegal ? { type: 'TXT', strings } : null;
}

/** Three digits are octal, as Route 53 has them. */
function unescaped(_: string, code: string): string {
  return /^\d/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : code;
}
