/**
 * The files of the flow logs of a lab: `cloud-watch-logs/GROUP/ENI-all.log`, as CloudWatch has a
 * stream for each interface; `s3/BUCKET/FOLDER/AWSLogs/ACCOUNT/vpcflowlogs/REGION/ID.log` with all
 * interfaces behind a line that names the fields, as an object in a bucket. A record is a line.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { MacAddr } from '../addr/mac.ts';
import {
  type LoggedFlow,
  readFlowLogRows,
  type SkippedFlows,
} from '../dataplane/flow/flow-log-table.ts';
import type { FlowLog } from '../model/flow-logs.ts';
import type { EniId } from '../model/ids.ts';
import { flowLogsOf } from '../model/lookups/flow-logs.ts';
import { natOfInterface } from '../model/lookups/gateways.ts';
import type { Fabric } from '../model/snapshot.ts';
import { formatFlow, formatGap, type LoggedInterface } from './flow-log-lines.ts';
import type { FlowLogWindow } from './flow-log-window.ts';

type Row = LoggedFlow | SkippedFlows;

/** An interface, and the flow logs that it is in. */
interface Logged extends LoggedInterface {
  readonly logs: readonly FlowLog[];
  /** A running instance holds it, or a NAT gateway. */
  readonly isPlugged: boolean;
}

export class FlowLogFiles {
  readonly #folder: string;
  #flowLogs: Fabric['flowLogs'] = new Map();
  #logged: ReadonlyMap<EniId, Logged> = new Map();
  /** The files that were begun: every change of the lab comes by them. */
  readonly #begun = new Set<string>();

  /** @param folder Made when something is written. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Tells whether the window must end before the snapshot is in force: a flow log ends, begins, or
   * loses an interface, and what passed so far is to be in those that there were.
   */
  mustCut(snapshot: Fabric): boolean {
    const before = this.#flowLogs;
    if (before.size > 0 && [...snapshot.flowLogs.keys()].some((id) => !before.has(id))) return true;
    return [...this.#logged.values()].some(({ eni, logs }) => {
      const now = snapshot.enis.get(eni.eniId);
      const left = now === undefined ? [] : flowLogsOf(snapshot, now);
      return !logs.every(({ flowLogId }) => left.some((log) => log.flowLogId === flowLogId));
    });
  }

  /** Writes by this snapshot from now on. @param plugged The interfaces of running instances. */
  use(snapshot: Fabric, plugged: ReadonlyMap<EniId, unknown>): void {
    const logged = new Map<EniId, Logged>();
    if (snapshot.flowLogs.size > 0) {
      for (const eni of snapshot.enis.values()) {
        const logs = flowLogsOf(snapshot, eni);
        const isPlugged =
          plugged.has(eni.eniId) || natOfInterface(snapshot, eni.eniId) !== undefined;
        const realm = snapshot.vpcs.get(eni.vpcId)?.realm;
        if (logs.length > 0 && realm !== undefined)
          logged.set(eni.eniId, { eni, ...realm, logs, isPlugged });
      }
    }
    this.#flowLogs = snapshot.flowLogs;
    this.#logged = logged;
    // A reader that follows has them open when the lab goes down, and so gets the last records.
    for (const each of logged.values()) {
      if (each.isPlugged) for (const log of each.logs) this.#append(log, each, []);
    }
  }

  /** Writes what passed in a window. */
  write(window: FlowLogWindow): void {
    const byMac = new Map<MacAddr, Row[]>();
    for (const row of readFlowLogRows(window.rows, window.endMs)) {
      const rows = byMac.get(row.mac);
      if (rows === undefined) byMac.set(row.mac, [row]);
      else rows.push(row);
    }
    for (const logged of this.#logged.values()) {
      const rows = byMac.get(logged.eni.mac) ?? [];
      for (const log of logged.logs) {
        const lines = linesOf(log, logged, rows, window);
        if (lines.length > 0) this.#append(log, logged, lines);
      }
    }
  }

  /** @returns the streams of these interfaces in log groups, one behind the other. */
  read(eniIds: readonly EniId[]): string {
    if (!fs.existsSync(this.#folder)) return '';
    return fs
      .readdirSync(this.#folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => eniIds.some((id) => path.basename(name).startsWith(`${id}-`)))
      .map((name) => fs.readFileSync(path.join(this.#folder, name), 'utf8'))
      .join('');
  }

  /** What cannot be written is lost, as in AWS; the lab goes on. */
  #append(log: FlowLog, on: LoggedInterface, lines: readonly string[]): void {
    const file = path.join(this.#folder, streamPath(log, on));
    const isNew = !this.#begun.has(file);
    if (!isNew && lines.length === 0) return;
    try {
      if (isNew) fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o750 });
      const header = isNew && log.destinationType === 's3' ? [log.fields.join(' ')] : [];
      const text = [...header, ...lines].map((line) => `${line}\n`).join('');
      fs.appendFileSync(file, text, { mode: 0o640 });
      this.#begun.add(file);
    } catch (error) {
      process.emitWarning(`Cannot write ${lines.length} records of ${log.flowLogId}: ${error}`);
    }
  }
}

function linesOf(
  { fields, trafficType }: FlowLog,
  logged: Logged,
  rows: readonly Row[],
  window: FlowLogWindow,
): string[] {
  if (rows.length === 0) {
    const isSilent = window.isWhole && logged.isPlugged;
    return isSilent ? [formatGap(fields, logged, 'NODATA', window)] : [];
  }
  return rows.flatMap((row) => {
    if (row.isSkipped) return [formatGap(fields, logged, 'SKIPDATA', window)];
    const isWanted = trafficType === 'ALL' || trafficType === row.action;
    return isWanted ? [formatFlow(fields, logged, row)] : [];
  });
}

const BUCKET_PREFIX = 'arn:aws:s3:::';
/** Of one folder; a file system takes no more than 255. */
const MAX_FOLDER = 200;
const MAX_FOLDERS = 16;

/** @returns the file of an interface, relative to the folder of flow logs; it never leaves that. */
export function streamPath(
  { destinationType, destination, flowLogId, trafficType }: FlowLog,
  { eni, accountId, region }: LoggedInterface,
): string {
  const place =
    destinationType === 's3'
      ? ['AWSLogs', accountId, 'vpcflowlogs', region, `${flowLogId}.log`]
      : [`${eni.eniId}-${trafficType.toLowerCase()}.log`];
  return path.join(destinationType, ...foldersOf(destination), ...place);
}

/** A destination that is too long for folders stands as its hash. */
function foldersOf(destination: string): string[] {
  const name = destination.startsWith(BUCKET_PREFIX)
    ? destination.slice(BUCKET_PREFIX.length)
    : destination;
  const folders = name
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (/^\.+$/.test(part) ? part.replaceAll('.', '%2E') : encodeURIComponent(part)));
  const fits = folders.length <= MAX_FOLDERS && folders.every(({ length }) => length <= MAX_FOLDER);
  return fits ? folders : [createHash('sha256').update(destination).digest('hex')];
}
