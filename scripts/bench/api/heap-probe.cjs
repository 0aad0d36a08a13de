/** Required by the controller under measurement: at a signal it collects garbage and tells what is left. */
const { writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

const path = process.env.VPCLAB_BENCH_HEAP;
if (isMainThread && path !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    writeFileSync(path, String(process.memoryUsage().heapUsed));
  });
}
