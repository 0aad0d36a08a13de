import fc from 'fast-check';
import t from 'tap';
import { wildcardTest } from '../../src/actions/wildcard.ts';

t.test('wildcardTest takes a backslash literally and no other signs specially', async (t) => {
  const rows: [pattern: string, text: string, isMatch: boolean][] = [
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\', 'a\\', true],
    ['(a.b)+[c]', '(a.b)+[c]', true],
    ['a.b', 'axb', false],
    ['a', 'ab', false],
    ['a*', 'a\nb', true],
    ['*', '', true],
    ['?', '', false],
    ['*a*b?', 'xaabbc', true],
    ['*ab', 'aab', true],
    ['**a**', 'bab', true],
    ['a*b', 'ab', true],
    ['a*b', 'ba', false],
  ];
  for (const [pattern, text, isMatch] of rows) {
    t.equal(wildcardTest(pattern)(text), isMatch, `${pattern} ${text}`);
  }
});

t.test('wildcardTest agrees with a regular expression', async () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 9 });
  fc.assert(
    fc.property(word, word, (pattern, text) => {
      const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      return wildcardTest(pattern)(text) === new RegExp(`^${source}$`).test(text);
    }),
    { numRuns: 2000 },
  );
});

t.test('wildcardTest is not lost in a pattern of many stars', async (t) => {
  t.notOk(wildcardTest(`${'*a'.repeat(100)}*b`)('a'.repeat(256)));
});
