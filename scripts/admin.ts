/**
 * `npm run admin -- create EMAIL` makes an admin, and `invite EMAIL` invites one, in the database of
 * DATABASE_URL or of the shop that ./scripts/up runs.
 */
import { runAdminCommand } from '../app/accounts/run-admin-command.ts';
import { findDatabaseUrl, findShopUrl } from './shop/find-database-url.ts';

const { stdin, stdout, stderr } = process;
const args = process.argv.slice(2);
const needsDatabase = args[0] === 'create' || args[0] === 'invite';
try {
  const env = needsDatabase
    ? { ...process.env, DATABASE_URL: await findDatabaseUrl(process.env) }
    : process.env;
  // The link of an invitation to the local shop begins with its address.
  const localUrl = args[0] === 'invite' && !process.env.DATABASE_URL ? await findShopUrl() : undefined;
  const shop =
    localUrl === undefined || args.some((arg) => arg.startsWith('--shop')) ? [] : ['--shop', localUrl];
  process.exitCode = await runAdminCommand([...args, ...shop], { env, stdin, stdout, stderr });
} catch (error) {
  stderr.write(`admin: ${String(error instanceof Error ? error.message : error)}\n`);
  process.exitCode = 2;
}
