import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Fault } from '../fault.ts';

const run = promisify(execFile);
/** Room that is left where it becomes tight. */
const ROOM_BYTES = 20_000;

/**
 * No file of the database can grow beyond what it is: its binary log cannot be written (errors 3 and 1026), or, where the log
 * still has room, the tables cannot be enlarged (1114). RLIMIT_FSIZE needs neither root nor a file system of its own. The
 * redo log is of a fixed size and stays below the limit: a real file system that is full spares it as well.
 */
export const fullDisk: Fault = {
  name: 'full-mysql-disk',
  about: 'no file of the database can grow: RLIMIT_FSIZE, which the server takes for a full disk',
  touches: ['mysql'],
  lastsMs: [400, 1500],
  begin: async ({ dir, servers: { mysql } }) => {
    const limitBytes = (await largestBinaryLog(join(dir, 'mysql'))) + ROOM_BYTES;
    await limitFiles(mysql.pid, String(limitBytes));
    return {
      detail: { limitBytes },
      end: async () => {
        if (mysql.isRunning) await limitFiles(mysql.pid, 'unlimited');
      },
    };
  },
};

async function limitFiles(pid: number, limit: string): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--fsize=${limit}:`]);
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
