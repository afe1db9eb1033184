import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { onCleanup } from '../support/cleanup.ts';
import { skipWithout } from '../support/skip-without.ts';
import { startFaultServer } from './run/fault-servers.ts';
import { projectDirs } from './run/project-dirs.ts';
import { clockShortOfMidnight, type ShiftedClock } from './run/shifted-clock.ts';

const run = promisify(execFile);
const DAY_MS = 86_400_000;

describe('a run across midnight', () => {
  let clock: ShiftedClock;
  const offsetMs = () => Number.parseFloat(clock.FAKETIME ?? '') * 1000;

  /** `read` reads a clock: it must be ahead by the offset, to the second. */
  const expectShifted = async (read: () => Promise<Date>): Promise<void> => {
    const earliestMs = Date.now() + offsetMs();
    const readMs = (await read()).getTime();
    expect(readMs).to.be.within(earliestMs - 1000, Date.now() + offsetMs());
  };

  before(async function () {
    try {
      clock = await clockShortOfMidnight(projectDirs.cacheDir);
    } catch (error) {
      skipWithout(`libfaketime: not obtainable: ${String(error)}`, this);
    }
  });

  it('begins 40 s before it', () => {
    const sinceThenMs = (Date.now() + offsetMs() + 40_000) % DAY_MS;
    expect(sinceThenMs).to.be.below(60_000);
  });

  it('shifts the clock of a process, whose timers keep their pace', async () => {
    const script = `
      const start = performance.now();
      setTimeout(() => console.log(new Date().toISOString(), performance.now() - start), 300);`;
    let waitedMs = 0;
    await expectShifted(async () => {
      const { stdout } = await run(process.execPath, ['-e', script], { env: { ...process.env, ...clock } });
      const [time = '', waited] = stdout.trim().split(' ');
      waitedMs = Number(waited);
      return new Date(time);
    });
    expect(waitedMs).to.be.within(299, 10_000);
  });

  it('shifts the clock of the database', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rowlock-midnight-'));
    onCleanup(() => rmSync(dir, { recursive: true, force: true }));
    const server = await startFaultServer('mysql', dir, undefined, clock);
    const connection = await createConnection({ uri: server.url, timezone: 'Z' });
    onCleanup(() => connection.destroy());
    await expectShifted(async () => {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT UTC_TIMESTAMP(3) AS time');
      return rows[0]?.time as Date;
    });
  });
});
