/** The conformance table as Markdown, from the rule book and a test report. */
import { z } from 'zod';
import type { TestPoint } from './tap-report.ts';

const ruleBookSchema = z.strictObject({
  sections: z.array(
    z.strictObject({
      title: z.string(),
      rules: z.array(
        z.strictObject({
          id: z.string().regex(/^[A-Z][A-Z0-9]*-\d+$/),
          rule: z.string(),
          /** How well the rule is known; the weakest of its parts counts. */
          status: z.enum(['DOCUMENTED', 'EVIDENCE', 'ASSUMED']),
          /** Why no test will prove it. */
          outOfScope: z.string().optional(),
          /** Why it holds though no test proves it. */
          argued: z.string().optional(),
        }),
      ),
    }),
  ),
});

export type RuleBook = z.infer<typeof ruleBookSchema>;
type Rule = RuleBook['sections'][number]['rules'][number];

interface Evidence {
  readonly passed: string[];
  readonly failed: string[];
}

export interface ConformancePage {
  readonly markdown: string;
  readonly proved: number;
  readonly total: number;
  /** Ids that tests name but the rule book lacks. */
  readonly unknownIds: readonly string[];
}

const ID_GROUPS = /^(?:\[[A-Z0-9]+-\d+(?:, ?[A-Z0-9]+-\d+)*\] ?)+/;
const ID = /[A-Z0-9]+-\d+/g;

/** @throws ZodError when the text is no rule book. */
export function parseRuleBook(text: string): RuleBook {
  return ruleBookSchema.parse(JSON.parse(text));
}

/** @returns the ids in brackets before a test's title, and the title without them. */
export function splitTitle(title: string): { ids: readonly string[]; rest: string } {
  const groups = ID_GROUPS.exec(title)?.[0] ?? '';
  return { ids: groups.match(ID) ?? [], rest: title.slice(groups.length).trim() };
}

export function renderConformance(book: RuleBook, points: readonly TestPoint[]): ConformancePage {
  const evidence = collectEvidence(points);
  const rules = book.sections.flatMap((section) => section.rules);
  const known = new Set(rules.map((rule) => rule.id));
  const isProved = (rule: Rule) => stateOf(rule, evidence.get(rule.id)).startsWith('proved');
  const proved = rules.filter(isProved).length;
  const lines = [
    '# Conformance',
    '',
    'Which rules of an AWS VPC this version proves by a test. Written by `npm run conformance`; do not edit.',
    'Status says how well the rule itself is known: documented by AWS, seen by others, or assumed.',
    '',
    '|Section|Proved|Rows|',
    '|-|-|-|',
    ...book.sections.map(
      ({ title, rules }) => `|${title}|${rules.filter(isProved).length}|${rules.length}|`,
    ),
    `|**All**|**${proved}**|**${rules.length}**|`,
  ];
  for (const section of book.sections) {
    lines.push('', `## ${section.title}`, '', '|Row|Rule|Status|State|', '|-|-|-|-|');
    for (const rule of section.rules) {
      const state = stateOf(rule, evidence.get(rule.id));
      lines.push(`|${rule.id}|${cell(rule.rule)}|${rule.status.toLowerCase()}|${state}|`);
    }
  }
  return {
    markdown: `${lines.join('\n')}\n`,
    proved,
    total: rules.length,
    unknownIds: [...evidence.keys()].filter((id) => !known.has(id)),
  };
}

function collectEvidence(points: readonly TestPoint[]): Map<string, Evidence> {
  const evidence = new Map<string, Evidence>();
  for (const { title, outcome } of points) {
    if (outcome === 'skipped') continue;
    const { ids, rest } = splitTitle(title);
    for (const id of ids) {
      const entry = evidence.get(id) ?? { passed: [], failed: [] };
      evidence.set(id, entry);
      if (!entry[outcome].includes(rest)) entry[outcome].push(rest);
    }
  }
  return evidence;
}

function stateOf(rule: Rule, evidence: Evidence | undefined): string {
  if (evidence !== undefined && evidence.failed.length > 0) {
    return `failing: ${titles(evidence.failed)}`;
  }
  if (evidence !== undefined) return `proved: ${titles(evidence.passed)}`;
  if (rule.argued !== undefined) return `argued: ${cell(rule.argued)}`;
  return rule.outOfScope === undefined ? 'not yet' : `out of scope: ${cell(rule.outOfScope)}`;
}

function titles(list: readonly string[]): string {
  return list.map(cell).join('; ');
}

/** Text that cannot end its table cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
