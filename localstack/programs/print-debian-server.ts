/**
 * Prints the path of MySQL 9 or Valkey from Debian unstable, or of Redis 6.0 from Debian 11, for
 * ROWLOCK_MYSQLD or ROWLOCK_REDIS_SERVER. Exits with 3 and one sentence on standard error if it is
 * unavailable here.
 *
 *     ./scripts/run localstack/programs/print-debian-server.ts mysql|redis|valkey
 */
import { resolve } from 'node:path';
import { debianServers, serverFromDebian } from './server-from-debian.ts';

const kind = debianServers.find((name) => name === process.argv[2]);
if (kind === undefined) {
  console.error(`usage: ./scripts/run localstack/programs/print-debian-server.ts ${debianServers.join('|')}`);
  process.exit(2);
}
const cacheDir = process.env.ROWLOCK_CACHE_DIR || resolve(import.meta.dirname, '../../.local/cache');
const program = await serverFromDebian(kind, cacheDir, (line) => console.error(line));
if ('unobtainable' in program) {
  console.error(program.unobtainable);
  process.exitCode = 3;
} else console.log(program.command[0]);
