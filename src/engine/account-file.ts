/**
 * What the accounts of a lab hold, on disk: a line of JSON for each change, written before the change
 * is answered. A controller that was killed is followed by one that reads the lines and goes on.
 *
 * The first change of a region puts all that it starts with. A line that was cut short by the death of
 * its writer is left out: nobody was answered. The file is written anew when it has grown to several
 * times its content, and whenever it is opened.
 */
import fs from 'node:fs';
import type { Blueprint } from '../instances/blueprint.ts';
import type { ImageId } from '../model/ids.ts';
import { isSameRealm, type Realm } from '../model/realm.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type RowChange, type TableName, tableNames } from '../model/store.ts';

/** Rows of a region: null for one that is gone. */
interface RegionLine {
  readonly realm: Realm;
  readonly revision: number;
  readonly defaultDhcpOptionsId: Snapshot['defaultDhcpOptionsId'];
  readonly rows: readonly (readonly [table: TableName, id: string, row: unknown])[];
}

type Line =
  | { readonly kind: 'start'; readonly format: number }
  | { readonly kind: 'image'; readonly imageId: ImageId; readonly blueprint: Blueprint }
  | { readonly kind: 'change'; readonly regions: readonly RegionLine[] };

/** What one edit did to one region. */
export interface RegionChange {
  readonly snapshot: Snapshot;
  readonly changes: readonly RowChange[];
}

/** What a file holds. */
export interface KeptAccounts {
  /** How often a controller has opened it before. */
  readonly starts: number;
  readonly images: ReadonlyMap<ImageId, Blueprint>;
  readonly regions: readonly Snapshot[];
}

/** Of the rows; a file of another one cannot be gone on with. */
const FORMAT = 2;
const MIN_GROWTH_BYTES = 8 * 2 ** 20;
const MAX_GROWTH = 4;

const START: Line = { kind: 'start', format: FORMAT };

export class AccountFile {
  readonly #path: string;
  /** What was there when it was opened. */
  readonly kept: KeptAccounts;
  readonly #images: Map<ImageId, Blueprint>;
  #fd = -1;
  /** Bytes when it was last written anew, and since then. */
  #base = 0;
  #grown = 0;

  /** @param emptyRegion Gives a region in which nothing is yet; null when AWS has none of that name. */
  constructor(path: string, emptyRegion: (realm: Realm) => Snapshot | null) {
    this.#path = path;
    this.kept = read(path, emptyRegion);
    this.#images = new Map(this.kept.images);
    this.rewrite(this.kept.regions);
  }

  /** Writes down what an edit did. @throws Error of the file system: the edit must not take effect. */
  recordChanges(changes: readonly RegionChange[]): void {
    const regions = changes.map(({ snapshot, changes: rows }) =>
      regionLine(
        snapshot,
        rows.map(({ table, id }) => [table, id]),
      ),
    );
    this.#append({ kind: 'change', regions });
  }

  /** Writes down a region with all that it has. */
  recordRegion(snapshot: Snapshot): void {
    this.#append({ kind: 'change', regions: [wholeRegion(snapshot)] });
  }

  recordImage(imageId: ImageId, blueprint: Blueprint): void {
    if (this.#images.has(imageId)) return;
    this.#images.set(imageId, blueprint);
    this.#append({ kind: 'image', imageId, blueprint });
  }

  /** Whether most of it is of the past. */
  get isOvergrown(): boolean {
    return this.#grown > Math.max(MIN_GROWTH_BYTES, MAX_GROWTH * this.#base);
  }

  /** Writes it anew, with these regions and the images that it has. */
  rewrite(regions: readonly Snapshot[]): void {
    const lines: Line[] = [
      ...Array.from({ length: this.kept.starts + 1 }, () => START),
      ...[...this.#images].map(
        ([imageId, blueprint]) => ({ kind: 'image', imageId, blueprint }) as const,
      ),
      ...regions.map((each) => ({ kind: 'change', regions: [wholeRegion(each)] }) as const),
    ];
    const text = lines.map(encode).join('');
    const fresh = `${this.#path}.new`;
    fs.writeFileSync(fresh, text, { mode: 0o600 });
    fs.renameSync(fresh, this.#path);
    this.close();
    this.#fd = fs.openSync(this.#path, 'a');
    this.#base = Buffer.byteLength(text);
    this.#grown = 0;
  }

  close(): void {
    if (this.#fd >= 0) fs.closeSync(this.#fd);
    this.#fd = -1;
  }

  #append(line: Line): void {
    this.#grown += fs.writeSync(this.#fd, encode(line));
  }
}

function wholeRegion(snapshot: Snapshot): RegionLine {
  const rows = tableNames(snapshot).flatMap((table) =>
    [...snapshot[table].keys()].map((id): [TableName, string] => [table, id]),
  );
  return regionLine(snapshot, rows);
}

function regionLine(
  snapshot: Snapshot,
  rows: readonly (readonly [table: TableName, id: string])[],
): RegionLine {
  const { accountId, region, revision, defaultDhcpOptionsId } = snapshot;
  return {
    realm: { accountId, region },
    revision,
    defaultDhcpOptionsId,
    rows: rows.map(([table, id]) => {
      const whole: ReadonlyMap<string, unknown> = snapshot[table];
      return [table, id, whole.get(id) ?? null];
    }),
  };
}

function read(path: string, emptyRegion: (realm: Realm) => Snapshot | null): KeptAccounts {
  const images = new Map<ImageId, Blueprint>();
  const regions: Snapshot[] = [];
  let starts = 0;
  const text = fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
  for (const [index, encoded] of text.split('\n').slice(0, -1).entries()) {
    const line = decode(encoded, `${path}:${index + 1}`);
    if (line.kind === 'start') starts++;
    else if (line.kind === 'image') images.set(line.imageId, line.blueprint);
    else for (const change of line.regions) replay(regions, change, emptyRegion);
  }
  return { starts, images, regions };
}

/** The tables are the file's own while it is read. */
function replay(
  regions: Snapshot[],
  { realm, revision, defaultDhcpOptionsId, rows }: RegionLine,
  emptyRegion: (realm: Realm) => Snapshot | null,
): void {
  const index = regions.findIndex((each) => isSameRealm(each, realm));
  const before = regions[index] ?? emptyRegion(realm);
  // A lab whose file names another region now has no way to it.
  if (before === null) return;
  for (const [table, id, row] of rows) {
    const whole = before[table] as Map<string, unknown>;
    if (row === null) whole.delete(id);
    else whole.set(id, row);
  }
  regions[index < 0 ? regions.length : index] = { ...before, revision, defaultDhcpOptionsId };
}

/** Maps, bigints and bytes are what rows have and JSON has not. */
function encode(line: Line): string {
  return `${JSON.stringify(line, encodeValue)}\n`;
}

function encodeValue(this: Readonly<Record<string, unknown>>, key: string): unknown {
  // Not the second argument: Buffers would come as something else.
  const value = this[key];
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  return typeof value === 'bigint' ? { $bigint: value.toString(16) } : value;
}

/** @throws Error that names the place, for what no controller of this version wrote. */
function decode(text: string, place: string): Line {
  try {
    const line = JSON.parse(text, (_key, value: unknown) => decodeValue(value)) as Line;
    if (line.kind !== 'start' || line.format === FORMAT) return line;
  } catch {
    // Not JSON.
  }
  throw new Error(
    `Cannot go on with "${place}": it is damaged or of another version, wanted vpclab down first`,
  );
}

function decodeValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value) return new Map(value.$map as [string, unknown][]);
  if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'));
  return '$bigint' in value ? BigInt(`0x${value.$bigint}`) : value;
}
