/** The judge of answers: well-formed XML, of the little that the protocols need. */

const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** A tag, or a text. */
const TOKEN = /<(\/?)([A-Za-z][A-Za-z0-9]*)(?: xmlns="[^"<&]*")?(\/?)>|([^<]+)/y;
/** Characters of XML and references to others. @source XML 1.0 sections 2.2, 2.4 and 4.6 */
const TEXT =
  /^(?:[\t\n\u{20}-\u{25}\u{27}-\u{3b}=\u{3f}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|&(?:amp|lt|gt|#13);)*$/u;

/** @returns what is wrong with a document, or null. */
export function xmlFault(document: string): string | null {
  const open: string[] = [];
  let roots = 0;
  // Of EC2's answers; those of other services have none.
  TOKEN.lastIndex = document.startsWith(PROLOG) ? PROLOG.length : 0;
  while (TOKEN.lastIndex < document.length) {
    const at = TOKEN.lastIndex;
    const [token, closing, name, empty, text] = TOKEN.exec(document) ?? [];
    if (token === undefined) return `no token at ${at}`;
    if (text !== undefined) {
      if (open.length === 0) return 'text outside the root';
      if (!TEXT.test(text)) return `bad text at ${at}`;
    } else if (closing === '/') {
      if (open.pop() !== name) return `wrong end tag ${name} at ${at}`;
    } else {
      if (open.length === 0) roots++;
      if (empty !== '/') open.push(name ?? '');
    }
  }
  if (open.length > 0) return `${open.at(-1)} is not ended`;
  return roots === 1 ? null : `${roots} roots`;
}
