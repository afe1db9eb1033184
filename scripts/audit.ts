/** `npm run audit`: audits the database of DATABASE_URL or of the shop that ./scripts/up runs. */
import { runAuditCommand } from '../app/audit/run-audit-command.ts';
import { findDatabaseUrl } from './shop/find-database-url.ts';

const { stdout, stderr } = process;
const args = process.argv.slice(2);
const needsDatabase = !args.includes('--help') && !args.includes('-h');
try {
  const env = needsDatabase
    ? { ...process.env, DATABASE_URL: await findDatabaseUrl(process.env) }
    : process.env;
  process.exitCode = await runAuditCommand(args, { env, stdout, stderr });
} catch (error) {
  stderr.write(`audit: not carried out: ${String(error instanceof Error ? error.message : error)}\n`);
  process.exitCode = 2;
}
