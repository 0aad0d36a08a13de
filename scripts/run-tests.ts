/**
 * `npm test`: runs tap, then closes with the line `Tests: N passed, N failed, N skipped`.
 * Arguments go to `tap run`.
 */
import { runTap } from './run-tap.ts';
import { countTests } from './tap-report.ts';

const { exitCode, points } = await runTap(process.argv.slice(2));
const { passed, failed, skipped } = countTests(points);
// Nothing ran: that is a broken set-up, not a success.
const ranNothing = passed + failed + skipped === 0;
process.stdout.write(`Tests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = exitCode !== 0 ? exitCode : failed > 0 || ranNothing ? 1 : 0;
