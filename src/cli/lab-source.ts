/**
 * A lab file on its way to the process that runs the lab, and where it is sent while the lab runs.
 * Standard input can be read only once, so the text goes along.
 */

/** A lab file's text and where it stands. */
export interface LabSource {
  /** An absolute path, or `-`. */
  readonly file: string;
  /** The file as messages show it. */
  readonly shown: string;
  /** What the sources of its files are relative to. */
  readonly folder: string;
  readonly text: string;
}

/** The hidden command that holds a lab. */
export const CONTROLLER_COMMAND = '__controller';

/** Answers what would change. */
export const PLAN_PATH = '/plan';
/** Answers a `LabExport`. */
export const EXPORT_PATH = '/export';
/** Makes the change. */
export const APPLY_PATH = '/apply';
