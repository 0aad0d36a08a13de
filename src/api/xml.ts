/** XML 1.0 as the answers need it: elements without attributes, and text. */

/** What is no character of XML. @source XML 1.0 section 2.2 */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const ALL_NOT_XML = new RegExp(NOT_XML, 'gu');
const REPLACEMENT = '\u{fffd}';

/** What nearly all texts are made of, and what stands for itself. */
const PLAIN = /^[ !"#$%'()*+,\-./0-9:;=?@A-Z[\\\]^_`a-z{|}~]*$/;

/** A carriage return as such would be read as a line feed. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#13;',
};

/** @returns true when an answer can carry the text. */
export function isXmlText(text: string): boolean {
  return !NOT_XML.test(text);
}

/** @param content Elements, or text of `xmlText`. */
export function xmlElement(name: string, content: string): string {
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

/** Escapes a text, and replaces what XML cannot carry. */
export function xmlText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replaceAll(ALL_NOT_XML, REPLACEMENT)
    .replaceAll(/[&<>\r]/g, (sign) => ESCAPES[sign] ?? sign);
}
