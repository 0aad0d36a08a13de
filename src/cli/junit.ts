/** A run as JUnit XML, the form that CI systems read. */
import type { StepReport } from '../scenario/play/steps.ts';

export interface SuiteResult {
  readonly name: string;
  readonly steps: readonly StepReport[];
}

/** @returns one suite with a test case for each step. */
export function junitXml(suite: SuiteResult): string {
  const failures = suite.steps.filter((step) => !step.ok).length;
  const totalMs = suite.steps.reduce((sum, step) => sum + step.ms, 0);
  const counts = `tests="${suite.steps.length}" failures="${failures}" time="${inSeconds(totalMs)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(suite.name)}" ${counts}>`,
    ...suite.steps.map((step) => testCase(suite.name, step)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, step: StepReport): string {
  const start = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(step.name)}" time="${inSeconds(step.ms)}"`;
  if (step.ok) return `${start}/>`;
  const message = escapeXml(step.message ?? 'failed');
  return `${start}>\n      <failure message="${message}">${message}</failure>\n    </testcase>`;
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Also leaves out what XML 1.0 cannot hold at all, such as the ESC of coloured output. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
