/**
 * Joins the rules of AWS (docs/aws-vpc-rules.json) with the tests that prove them, and writes
 * docs/conformance.md. A test proves the rows whose ids stand in brackets before its title:
 * `[ARP-3] …`, `[ARP-1][ARP-2] …`, `[ARP-1, ARP-2] …`.
 *
 * Usage: conformance.ts [--from FILE]: read that TAP report instead of running the tests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseRuleBook, renderConformance } from './conformance-page.ts';
import { runTap } from './run-tap.ts';
import { parseTapReport } from './tap-report.ts';

const RULES = 'docs/aws-vpc-rules.json';
const PAGE = 'docs/conformance.md';

const { values } = parseArgs({ options: { from: { type: 'string' } } });
const { exitCode, points } =
  values.from === undefined
    ? await runTap([])
    : { exitCode: 0, points: parseTapReport(readFileSync(values.from, 'utf8')) };
const page = renderConformance(parseRuleBook(readFileSync(RULES, 'utf8')), points);
writeFileSync(PAGE, page.markdown);
process.stdout.write(`Wrote ${PAGE}: ${page.proved} of ${page.total} rows proved\n`);
for (const id of page.unknownIds) {
  process.stderr.write(`Cannot find row "${id}": named by a test, absent from ${RULES}\n`);
}
process.exitCode = exitCode !== 0 ? exitCode : page.unknownIds.length > 0 ? 1 : 0;
