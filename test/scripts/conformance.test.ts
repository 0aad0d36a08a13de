import fs from 'node:fs';
import t from 'tap';
import { parseRuleBook, renderConformance, splitTitle } from '../../scripts/conformance-page.ts';
import { countTests, isWorthShowing, parseTapReport } from '../../scripts/tap-report.ts';

const REPORT = `TAP version 14
1..3
# Subtest: test/a.test.ts
    # Subtest: [ARP-1][ARP-2] answers \\# for others
        ok 1 - should be equal
        1..1
    ok 1 - [ARP-1][ARP-2] answers \\# for others # time=3.2ms
    not ok 2 - [ARP-3, ARP-4] is not filtered # time=1ms
      ---
      diff: |
        not ok 3 - text that only looks like a test
      ...
    ok 3 - [ARP-5] needs root # SKIP not root
    1..3
not ok 1 - test/a.test.ts # time=20ms
# Subtest: test/b.test.ts
    1..0 # no tests found
not ok 2 - test/b.test.ts # time=206ms
  ---
  exitCode: 1
  ...
ok 3 - test/c.test.ts # time=1ms {
    ok 1 - plain
    1..1
}
`;

t.test('parseTapReport reads depth, title and outcome', async (t) => {
  t.same(
    parseTapReport(REPORT).filter(({ depth }) => depth === 1),
    [
      { depth: 1, title: '[ARP-1][ARP-2] answers # for others', outcome: 'passed' },
      { depth: 1, title: '[ARP-3, ARP-4] is not filtered', outcome: 'failed' },
      { depth: 1, title: '[ARP-5] needs root', outcome: 'skipped' },
      { depth: 1, title: 'plain', outcome: 'passed' },
    ],
  );
});

t.test('isWorthShowing keeps files, tests and failures', async (t) => {
  const shown = REPORT.split('\n').filter(isWorthShowing);
  t.ok(shown.includes('    ok 1 - [ARP-1][ARP-2] answers \\# for others # time=3.2ms'));
  t.ok(shown.includes('      diff: |'));
  t.notOk(shown.some((line) => /should be equal|# Subtest|no tests found/.test(line)));
});

t.test('countTests counts a file that crashed as a failed test', async (t) => {
  t.same(countTests(parseTapReport(REPORT)), { passed: 2, failed: 2, skipped: 1 });
  t.same(countTests([]), { passed: 0, failed: 0, skipped: 0 });
});

t.test('splitTitle finds every id before the title', async (t) => {
  t.same(splitTitle('[L2-1, L2-2] [TGWC-3] x [ARP-1]'), {
    ids: ['L2-1', 'L2-2', 'TGWC-3'],
    rest: 'x [ARP-1]',
  });
  t.same(splitTitle('[not an id] x'), { ids: [], rest: '[not an id] x' });
});

t.test('renderConformance joins rules and tests, and names unknown ids', async (t) => {
  const rule = (id: string) => ({ id, rule: `rule | of ${id}`, status: 'DOCUMENTED' as const });
  const rules = [
    rule('ARP-1'),
    rule('ARP-3'),
    rule('ARP-5'),
    { ...rule('HA-6'), outOfScope: 'a vendor' },
    { ...rule('SG-9'), argued: 'no such path' },
  ];
  const page = renderConformance({ sections: [{ title: 'ARP', rules }] }, parseTapReport(REPORT));
  t.equal(page.proved, 1);
  t.equal(page.total, 5);
  t.same(page.unknownIds, ['ARP-2', 'ARP-4']);
  t.match(page.markdown, '|ARP-1|rule \\| of ARP-1|documented|proved: answers # for others|');
  t.match(page.markdown, '|ARP-3|rule \\| of ARP-3|documented|failing: is not filtered|');
  t.match(page.markdown, '|ARP-5|rule \\| of ARP-5|documented|not yet|');
  t.match(page.markdown, '|HA-6|rule \\| of HA-6|documented|out of scope: a vendor|');
  t.match(page.markdown, '|SG-9|rule \\| of SG-9|documented|argued: no such path|');
  t.match(page.markdown, '|**All**|**1**|**5**|');
});

t.test('the rule book has each row once', async (t) => {
  const book = parseRuleBook(fs.readFileSync('docs/aws-vpc-rules.json', 'utf8'));
  const ids = book.sections.flatMap(({ rules }) => rules.map(({ id }) => id));
  t.equal(new Set(ids).size, ids.length);
});
