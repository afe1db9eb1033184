import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../../support/until.ts';
import type { DirectDatabase } from '../direct-database.ts';
import type { BegunFault, Fault, FaultWorld } from '../fault.ts';

const run = promisify(execFile);
/** Room left when the disk is nearly full. */
const ROOM_BYTES = 20_000;
/** A statement of this size, in the binary log alone. */
const PADDING_BYTES = 12_000_000;
/** More than every file that changes in place: MySQL's `mysql.ibd` has 29 MB. */
const PADDINGS = 4;
const RECOVERED_TIMEOUT_MS = 15_000;

/**
 * No file of the database can grow beyond a limit that the binary log has nearly reached: transactions that
 * write fail with error 3 or 1026, at their COMMIT, as on a full disk. RLIMIT_FSIZE needs neither root nor a
 * separate file system.
 *
 * A redo log has a fixed size, so a full disk does not harm it. To keep it below the limit, the binary log is
 * first extended by rows of a table that has no redo log. A server that cannot continue exits, and is
 * restarted like any other.
 */
export const fullDisk: Fault & {
  /** All that it needs of a run. */
  begin(
    world: Pick<FaultWorld, 'dir' | 'database'> & { servers: Pick<FaultWorld['servers'], 'mysql'> },
  ): Promise<BegunFault>;
} = {
  name: 'full-mysql-disk',
  about: 'no file of the database can grow: RLIMIT_FSIZE looks like a full disk to the server',
  touches: ['mysql'],
  lastsMs: [400, 1500],
  begin: async ({ dir, database, servers: { mysql } }) => {
    await lengthenBinaryLog(database);
    const limitBytes = (await newestBinaryLog(join(dir, 'mysql'))) + ROOM_BYTES;
    await limitFiles(mysql.pid, String(limitBytes));
    const isBack = async () => {
      if (!mysql.isRunning) await mysql.start();
      await database.read('SELECT 1');
      return true;
    };
    return {
      detail: { limitBytes },
      end: async () => {
        if (mysql.isRunning) await makeRoom(mysql.pid, database).catch(() => undefined);
        await until('the database answers again', isBack, { timeoutMs: RECOVERED_TIMEOUT_MS });
      },
    };
  },
};

/**
 * MariaDB leaves half an event in its binary log and appends the next ones behind it. Its recovery reads no
 * further than that half ("Event truncated") and rolls back what was acknowledged since. An operator begins a
 * new file at once. MySQL ends itself instead (`binlog_error_action`).
 */
async function makeRoom(pid: number, database: Pick<DirectDatabase, 'write'>): Promise<void> {
  await limitFiles(pid, 'unlimited');
  await database.write('FLUSH BINARY LOGS');
}

async function limitFiles(pid: number, limit: string): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--fsize=${limit}:`]);
}

async function lengthenBinaryLog(database: DirectDatabase): Promise<void> {
  // The servers' own maximum of 16 MB would begin another file after the second statement.
  await database.write('SET GLOBAL max_binlog_size = 1073741824');
  // Starts a new log file: an older one may be longer, which would leave too much room.
  await database.write('FLUSH BINARY LOGS');
  await database.write('CREATE TABLE IF NOT EXISTS padding (bytes LONGBLOB) ENGINE = MyISAM');
  for (let count = 0; count < PADDINGS; count += 1) {
    await database.write(`INSERT INTO padding VALUES (REPEAT('x', ${PADDING_BYTES}))`);
  }
  await database.write('DROP TABLE padding');
}

async function newestBinaryLog(home: string): Promise<number> {
  let newest = { name: '', bytes: 0 };
  for (const folder of await readdir(home, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    for (const name of await readdir(join(home, folder.name))) {
      if (!/^binlog\.\d+$/.test(name) || name < newest.name) continue;
      newest = { name, bytes: (await stat(join(home, folder.name, name))).size };
    }
  }
  return newest.bytes;
}
