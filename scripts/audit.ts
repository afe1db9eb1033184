/** `npm run audit`: checks that everything in a shop's database adds up, and says which rows do not. */
import { parseArgs } from 'node:util';
import { auditShop } from '../app/audit/audit-shop.ts';
import { openDatabase } from '../app/platform/database.ts';
import { createLog } from '../app/platform/log.ts';
import { auditLines } from './audit/audit-lines.ts';
import { findDatabaseUrl } from './shop/find-database-url.ts';

const EVENTS_LATE_S = 900;
const BROKEN = 1;
const NOT_CHECKED = 2;

const usage = `usage: npm run audit [-- --json] [-- --events-late-s=N]

Checks, in one consistent snapshot and without a lock, that everything in the database of DATABASE_URL adds up; where
that is not set, in that of the shop that ./scripts/up runs. Ends with 0 when it does, with 1 when a row does not,
with 2 when it could not look.

  --json             the report as JSON
  --events-late-s=N  an event that is neither waiting to be sent nor counted after N seconds is lost
                     (default ${EVENTS_LATE_S}; 0 once the queue is empty)
`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`audit: could not look: ${messagesOf(error).join(': ')}\n`);
  process.exitCode = NOT_CHECKED;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      'events-late-s': { type: 'string', default: `${EVENTS_LATE_S}` },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const eventsLateAfterMs = Number(values['events-late-s']) * 1000;
  if (!/^\d{1,6}$/.test(values['events-late-s']))
    throw new Error('--events-late-s is a whole number of seconds');
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort(new Error('interrupted')));
  const database = openDatabase({
    writerUrl: await findDatabaseUrl(process.env),
    connectionsMax: 1,
    log: createLog({ level: 'error', role: 'audit', stage: process.env.STAGE || 'local' }),
    nowMs: () => Date.now(),
    random: () => Math.random(),
  });
  try {
    const report = await auditShop(
      { database, nowMs: () => Date.now() },
      { mode: 'full', eventsLateAfterMs, signal: stopping.signal },
    );
    process.stdout.write(`${values.json ? JSON.stringify(report) : auditLines(report).join('\n')}\n`);
    return report.isClean ? 0 : BROKEN;
  } finally {
    await database.close();
  }
}

/** An adapter's error says which dependency failed, its cause says how. */
function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = error.message === '' ? [error.name] : [error.message];
  return error.cause === undefined ? own : [...own, ...messagesOf(error.cause)];
}
