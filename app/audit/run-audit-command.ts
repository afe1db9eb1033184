/** `audit`: checks that a shop's database adds up, and lists the rows that do not. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { parseAuditConfig } from '../config/read-config.ts';
import { openDatabase } from '../platform/mysql/database.ts';
import { createLog } from '../platform/observe/log.ts';
import { messagesOf } from '../platform/observe/messages-of.ts';
import { createSecretLogin } from '../platform/aws/secret-login.ts';
import { auditLines } from './audit-lines.ts';
import { auditShop } from './audit-shop.ts';

const CLEAN = 0;
const BROKEN = 1;
const NOT_CHECKED = 2;
const EVENTS_LATE_S = 900;

const usage = `usage: audit [--json] [--events-late-s=N] [--host=NAME]

Checks that the database of DATABASE_URL adds up, in one consistent snapshot and without locks.

  --json             Print the report as JSON.
  --events-late-s=N  Report an event as lost if it is neither waiting to be sent nor counted after N seconds
                     (default ${EVENTS_LATE_S}; use 0 once the queue is empty).
  --host=NAME        Audit this server instead, with the same login, for example a restored copy.

Exit status: 0 if everything adds up, 1 if a row does not, 2 if the audit could not be carried out.
`;

export type AuditCommandProcess = Pick<NodeJS.Process, 'env' | 'stdout' | 'stderr'>;

/** Runs a full audit and resolves with the exit code, 2 after SIGINT. Never prints a password. */
export async function runAuditCommand(
  args: readonly string[],
  { env, stdout, stderr }: AuditCommandProcess,
): Promise<number> {
  try {
    const request = parseRequest(args);
    if (request === undefined) {
      stdout.write(usage);
      return CLEAN;
    }
    const config = parseAuditConfig(env);
    const stopping = new AbortController();
    process.once('SIGINT', () => stopping.abort(new Error('interrupted')));
    const steadyMs = () => Math.floor(performance.now());
    const database = openDatabase({
      writerUrl: onHost(config.DATABASE_URL, request.host),
      readLogin: createSecretLogin(config),
      connectionsMax: 1,
      log: createLog({ level: 'error', role: 'audit', stage: config.STAGE }),
      nowMs: () => Date.now(),
      steadyMs,
      random: () => Math.random(),
    });
    try {
      const report = await auditShop(
        { database, steadyMs },
        { mode: 'full', eventsLateAfterMs: request.eventsLateAfterMs, signal: stopping.signal },
      );
      stdout.write(`${request.json ? JSON.stringify(report) : auditLines(report).join('\n')}\n`);
      return report.isClean ? CLEAN : BROKEN;
    } finally {
      await database.close();
    }
  } catch (error) {
    stderr.write(`audit: not carried out: ${messagesOf(error).join(': ')}\n`);
    return NOT_CHECKED;
  }
}

function parseRequest(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      'events-late-s': { type: 'string', default: `${EVENTS_LATE_S}` },
      host: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const { json, host, 'events-late-s': lateS } = values;
  if (!/^\d{1,6}$/.test(lateS)) throw new Error('--events-late-s must be a whole number of seconds');
  // The driver does not verify an IP address against the certificate.
  if (host !== undefined && (!/^[A-Za-z0-9.-]{1,253}$/.test(host) || isIP(host) !== 0)) {
    throw new Error('--host must be the name of a server, without a port, not an IP address');
  }
  return { json, host, eventsLateAfterMs: Number(lateS) * 1000 };
}

function onHost(databaseUrl: string, host: string | undefined): string {
  const url = new URL(databaseUrl);
  if (host !== undefined) url.hostname = host;
  return url.href;
}
