import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LOG_MAX_BYTES, LOG_PARTS_KEPT } from '../../localstack/processes/bound-log.ts';
import { childServer } from '../../localstack/processes/child-server.ts';
import { onCleanup } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/shop/fresh-clone.ts';
import { until } from '../support/until.ts';

/** About ten thousand lines per second, each as long as one of the access log. */
const LINES_PER_BURST = 500;
const BURSTS_PER_SECOND = 20;
const LINE_BYTES = 600;
const LINES = Math.ceil((5 * LOG_MAX_BYTES) / LINE_BYTES);
/** Bytes that may arrive between two checks, even if the reader gets no CPU for some seconds. */
const SLACK_BYTES = 4 * LINES_PER_BURST * BURSTS_PER_SECOND * LINE_BYTES;

// Writes numbered lines, then waits to be stopped.
const writer = `
  const { writeSync } = require('node:fs');
  let line = 0;
  const timer = setInterval(() => {
    let burst = '';
    for (let n = 0; n < ${LINES_PER_BURST} && line < ${LINES}; n++)
      burst += String(line++).padEnd(${LINE_BYTES - 1}, '.') + '\\n';
    writeSync(1, burst);
    if (line >= ${LINES}) clearInterval(timer);
  }, ${1000 / BURSTS_PER_SECOND});
  setInterval(() => {}, 1000);
`;

describe('the log of a process that a script starts', () => {
  it('stays bounded under load, keeps its newest lines and loses lines only when it is cut', async () => {
    const dir = temporaryFolder('rowlock-logs-');
    const logFile = join(dir, 'writer.log');
    const child = await childServer({
      name: 'writer',
      command: [process.execPath, '-e', writer],
      env: process.env,
      logFile,
      marker: 'writer',
    });
    onCleanup(() => child.stop());
    let largest = 0;
    await until(
      'the last line is in the log',
      async () => {
        const sizes = readdirSync(dir).map((name) => statSync(join(dir, name)).size);
        largest = Math.max(
          largest,
          sizes.reduce((sum, size) => sum + size, 0),
        );
        return (await child.logTail(1)).startsWith(`${LINES - 1}.`);
      },
      { timeoutMs: 110_000 },
    );
    await child.stop();
    const parts = Array.from({ length: LOG_PARTS_KEPT }, (_, at) => `writer.log.${LOG_PARTS_KEPT - at}`);
    expect(readdirSync(dir).toSorted()).to.deep.equal(['writer.log', ...parts.toSorted()]);
    expect(largest).to.be.lessThan((1 + LOG_PARTS_KEPT) * LOG_MAX_BYTES + SLACK_BYTES);

    const numbers = [...parts, 'writer.log'].flatMap((name) =>
      [...readFileSync(join(dir, name), 'utf8').matchAll(/^(\d+)\.+$/gm)].map(([, number]) => Number(number)),
    );
    const gaps = numbers.filter((number, at) => at > 0 && number !== (numbers[at - 1] ?? 0) + 1);
    expect(numbers.at(-1)).to.equal(LINES - 1);
    expect(gaps, 'lines after a gap').to.have.length.at.most(parts.length);
  });
});
