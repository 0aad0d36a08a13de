/** A lab file as text: YAML, with AWS's ids and what was left out as comments. */
import { Document, isCollection, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import type { Path } from '../file/problems.ts';
import type { OpenLabFile } from '../file/schema.ts';
import type { LeftOut } from './context.ts';

/** Lists and maps that are as short as this go on one line. */
const MOST_ON_A_LINE = 4;
const LINE_WIDTH = 100;

interface Rendered {
  readonly file: OpenLabFile;
  /** The first lines. */
  readonly header: string;
  /** AWS's ids by the path of the field that stands for them, joined by dots. */
  readonly ids: ReadonlyMap<string, string>;
  readonly leftOut: readonly LeftOut[];
}

/** @returns the text of the file. */
export function renderLabFile({ file, header, ids, leftOut }: Rendered): string {
  const document = new Document(file);
  document.commentBefore = commentOf(header);
  for (const [path, id] of ids) noteId(document, path.split('.'), id);
  visit(document, {
    // Rule numbers, which need no quotes.
    Pair: (_, { key }) => {
      if (isScalar(key) && /^\d+$/.test(String(key.value))) key.value = Number(key.value);
    },
    Collection: (_, node) => {
      if (isShort(node)) node.flow = true;
    },
  });
  if (leftOut.length > 0) {
    document.comment = commentOf(
      ['Left out:', ...leftOut.map((each) => `- ${formatLeftOut(each)}`)].join('\n'),
    );
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** `internet gateway main (igw-0123456789abcdef0): a lab file has none`. */
export function formatLeftOut({ what, id, reason }: LeftOut): string {
  return `${what}${id === null ? '' : ` (${id})`}: ${reason}`;
}

/** Texts of AWS may have line ends. */
function commentOf(text: string): string {
  return text
    .split('\n')
    .map((line) => ` ${line.replaceAll(/\p{Cc}/gu, ' ')}`)
    .join('\n');
}

function noteId(document: Document, path: Path, id: string): void {
  const owner = document.getIn(path.slice(0, -1), true);
  if (!isMap(owner)) return;
  const pair = owner.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1));
  if (pair === undefined || !isScalar(pair.key)) return;
  pair.key.commentBefore = commentOf(id);
}

/** A comment needs a line of its own, so what has one inside is spread. */
function isShort(node: Node): boolean {
  if (!isCollection(node) || node.items.length === 0) return false;
  if (isSeq(node)) {
    const texts = node.items.map((item) => (isScalar(item) ? String(item.value) : null));
    const isPlain = texts.every((text) => text !== null && !/[,[\]{}]/.test(text));
    return isPlain && texts.join(', ').length < LINE_WIDTH / 2;
  }
  if (!isMap(node) || node.items.length > MOST_ON_A_LINE) return false;
  const texts = node.items.map(({ key, value }) =>
    isScalar(key) && isScalar(value) && (key.commentBefore ?? '') === ''
      ? `${key.value}: ${value.value}`
      : null,
  );
  return texts.every((text) => text !== null) && texts.join(', ').length < LINE_WIDTH / 2;
}
