import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../../support/until.ts';
import type { DirectDatabase } from '../direct-database.ts';
import type { Fault } from '../fault.ts';

const run = promisify(execFile);
/** Room that is left where it becomes tight. */
const ROOM_BYTES = 20_000;
/** A statement of this size, in the binary log alone. */
const PADDING_BYTES = 12_000_000;
const PADDINGS = 2;
const RECOVERED_TIMEOUT_MS = 15_000;

/**
 * No file of the database can grow beyond a limit that the binary log has nearly reached: transactions that write fail with
 * error 3 or 1026, at their COMMIT, as on a full disk. RLIMIT_FSIZE needs neither root nor a file system of its own. A redo
 * log is of a fixed size and a full disk does no harm to it; to keep it below the limit, the binary log is made longer first
 * by rows of a table that has no redo log. A server that cannot go on ends itself, and is started again like any other.
 */
export const fullDisk: Fault = {
  name: 'full-mysql-disk',
  about: 'no file of the database can grow: RLIMIT_FSIZE, which the server takes for a full disk',
  touches: ['mysql'],
  lastsMs: [400, 1500],
  begin: async ({ dir, database, servers: { mysql } }) => {
    await lengthenBinaryLog(database);
    const limitBytes = (await largestBinaryLog(join(dir, 'mysql'))) + ROOM_BYTES;
    await limitFiles(mysql.pid, String(limitBytes));
    const isBack = async () => {
      if (!mysql.isRunning) await mysql.start();
      await database.read('SELECT 1');
      return true;
    };
    return {
      detail: { limitBytes },
      end: async () => {
        if (mysql.isRunning) await limitFiles(mysql.pid, 'unlimited').catch(() => undefined);
        await until('the database answers again', isBack, { timeoutMs: RECOVERED_TIMEOUT_MS });
      },
    };
  },
};

async function limitFiles(pid: number, limit: string): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--fsize=${limit}:`]);
}

async function lengthenBinaryLog(database: DirectDatabase): Promise<void> {
  await database.write('CREATE TABLE IF NOT EXISTS padding (bytes LONGBLOB) ENGINE = MyISAM');
  for (let count = 0; count < PADDINGS; count += 1) {
    await database.write(`INSERT INTO padding VALUES (REPEAT('x', ${PADDING_BYTES}))`);
  }
  await database.write('DROP TABLE padding');
}

async function largestBinaryLog(home: string): Promise<number> {
  let largest = 0;
  for (const folder of await readdir(home, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    for (const file of await readdir(join(home, folder.name))) {
      if (!/^binlog\.\d+$/.test(file)) continue;
      largest = Math.max(largest, (await stat(join(home, folder.name, file))).size);
    }
  }
  return largest;
}
