import { Command, Option, type OptionValues } from 'commander';
import t from 'tap';
import { CaptureRecords } from '../../src/cli/capture-records.ts';
import { applyEnvironment, environmentName } from '../../src/cli/environment.ts';
import { junitXml } from '../../src/cli/junit.ts';
import { alignTable, tabTable } from '../../src/cli/tables.ts';

t.test('alignTable pads to the widest cell and leaves no blanks at line ends', async (t) => {
  const text = alignTable({
    headers: ['Name', 'State', 'IPv4'],
    rows: [
      ['r1', 'running', '10.0.1.11'],
      ['client', 'ok', ''],
    ],
  });
  t.equal(
    text,
    ['Name    State    IPv4', 'r1      running  10.0.1.11', 'client  ok', ''].join('\n'),
  );
});

t.test('alignTable counts what is seen: colours have no width', async (t) => {
  const text = alignTable({
    headers: ['A', 'B'],
    rows: [
      ['\u001b[32mok\u001b[39m', 'x'],
      ['long', 'y'],
    ],
  });
  t.equal(text, 'A     B\n\u001b[32mok\u001b[39m    x\nlong  y\n');
});

t.test('tabTable keeps a row on one line', async (t) => {
  t.equal(tabTable({ headers: ['A', 'B'], rows: [['a\tb', 'c\nd']] }), 'A\tB\na b\tc d\n');
});

t.test('environmentName joins command and flag', async (t) => {
  t.equal(environmentName('up', 'timeout'), 'VPCLAB_UP_TIMEOUT');
  t.equal(environmentName('run', 'max-workers'), 'VPCLAB_RUN_MAX_WORKERS');
});

/** @returns the options of a command after its command line and the environment. */
function optionsOf(option: Option, argv: string[], environment: NodeJS.ProcessEnv): OptionValues {
  const command = new Command('run').addOption(option).exitOverride();
  command.parse(argv, { from: 'user' });
  applyEnvironment(command, environment);
  return command.opts();
}

t.test('applyEnvironment takes words for yes, leaves words for no, refuses others', async (t) => {
  const keepFor = (value: string, argv: string[] = []): unknown =>
    optionsOf(new Option('--keep'), argv, { VPCLAB_RUN_KEEP: value })['keep'];
  for (const yes of ['1', 'true', 'YES', 'on']) t.equal(keepFor(yes), true, yes);
  for (const no of ['0', 'false', 'no', 'off', '']) t.equal(keepFor(no), undefined, `no: ${no}`);
  t.equal(keepFor('0', ['--keep']), true, 'the command line wins');
  t.throws(() => keepFor('maybe'), {
    message: 'Cannot read "VPCLAB_RUN_KEEP": it is "maybe", wanted 1 or 0',
  });
});

t.test('applyEnvironment gives a flag with a value its parser and its choices', async (t) => {
  const count = () => new Option('--max-count <n>').argParser(Number).default(3);
  const variable = { VPCLAB_RUN_MAX_COUNT: '7' };
  t.equal(optionsOf(count(), [], variable)['maxCount'], 7);
  t.equal(optionsOf(count(), [], {})['maxCount'], 3);
  t.equal(optionsOf(count(), ['--max-count', '5'], variable)['maxCount'], 5);
  const format = new Option('--format <format>').choices(['pcap', 'pcapng']);
  t.throws(() => optionsOf(format, [], { VPCLAB_RUN_FORMAT: 'snoop' }), {
    exitCode: 2,
    message: 'Cannot read "VPCLAB_RUN_FORMAT": it is "snoop", Allowed choices are pcap, pcapng.',
  });
});

t.test('junitXml counts, escapes, and leaves out what XML cannot hold', async (t) => {
  const xml = junitXml({
    name: 'lab',
    steps: [
      { type: 'step', name: 'a "quoted" <step>', ok: true, ms: 1500 },
      { type: 'step', name: 'b', ok: false, ms: 20, message: 'got \u001b[31mred\u001b[0m & lost' },
    ],
  });
  t.match(xml, '<testsuite name="lab" tests="2" failures="1" time="1.520">');
  t.match(xml, 'name="a &quot;quoted&quot; &lt;step&gt;" time="1.500"/>');
  t.match(xml, '<failure message="got [31mred[0m &amp; lost">');
});

t.test('CaptureRecords passes whole records, however the stream is cut', async (t) => {
  for (const format of ['pcap', 'pcapng'] as const) {
    const whole = format === 'pcap' ? pcapFile() : pcapngFile();
    for (const size of [1, 3, 7, 1000]) {
      const records = new CaptureRecords(format);
      const parts: Buffer[] = [];
      for (let at = 0; at < whole.length; at += size) {
        parts.push(records.push(whole.subarray(at, at + size)));
      }
      t.same(Buffer.concat(parts), whole, `${format} in pieces of ${size}`);
    }
    const cut = new CaptureRecords(format).push(whole.subarray(0, whole.length - 1));
    t.same(cut, whole.subarray(0, whole.length - 20), `${format} without its last byte`);
  }
});

/** A file header and two records of 4 bytes, 20 bytes each. */
function pcapFile(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  const record = Buffer.alloc(20);
  record.writeUInt32LE(4, 8);
  return Buffer.concat([header, record, record]);
}

/** A section header block of 28 bytes and two blocks of 20. */
function pcapngFile(): Buffer {
  const section = Buffer.alloc(28);
  section.writeUInt32LE(0x0a0d0d0a, 0);
  section.writeUInt32LE(28, 4);
  section.writeUInt32LE(0x1a2b3c4d, 8);
  const block = Buffer.alloc(20);
  block.writeUInt32LE(6, 0);
  block.writeUInt32LE(20, 4);
  return Buffer.concat([section, block, block]);
}
