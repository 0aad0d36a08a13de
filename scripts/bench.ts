/**
 * `npm run bench`: measures and prints tables, or with `--json` one object. Names of parts as
 * arguments choose among them: `frames`, `ping`, `labs`. Needs root for all but `frames`.
 */
import { parseArgs } from 'node:util';
import { benchFrames } from './bench/frames.ts';
import { benchLabs } from './bench/labs.ts';
import { benchPing } from './bench/ping.ts';

const PARTS: Readonly<Record<string, () => unknown>> = {
  frames: benchFrames,
  ping: benchPing,
  labs: benchLabs,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = positionals.length === 0 ? Object.keys(PARTS) : positionals;
const results: Record<string, unknown> = {};
for (const name of names) {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`Cannot measure "${name}": wanted ${Object.keys(PARTS)}`);
  results[name] = await part();
  if (!values.json) {
    console.log(name);
    console.table(rounded(results[name]));
  }
}
if (values.json) console.log(JSON.stringify(results));

/** @returns the same with numbers of at most two decimals. */
function rounded(result: unknown): unknown {
  const text = JSON.stringify(result);
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  );
}
