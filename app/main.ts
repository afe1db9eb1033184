/**
 * `node app/main.ts ROLE...` runs one or several of api, worker and data-platform until SIGTERM or SIGINT;
 * `node app/main.ts migrate` brings the database up to this release and ends; `node app/main.ts admin …`
 * makes an admin; `node app/main.ts audit …` checks that the database adds up;
 * `node app/main.ts redrive` sends the dead letters of Kafka back into their topic.
 */
import { runAdminCommand } from './accounts/run-admin-command.ts';
import { runAuditCommand } from './audit/run-audit-command.ts';
import { type Config, parseConfig, withoutEmpty } from './config/read-config.ts';
import { type Role, roles } from './contract/roles.ts';
import { migrate } from './migrations/migrate.ts';
import { createLog } from './platform/observe/log.ts';
import { logCrashes } from './platform/observe/log-crashes.ts';
import type { RunningRole } from './wiring/running-role.ts';
import { runRedriveCommand } from './wiring/run-redrive-command.ts';
import { wireProcess } from './wiring/process.ts';

/** On top of the drain timeout: closing pools and connections. */
const EXIT_GRACE_MS = 3000;

const wanted = process.argv.slice(2);
const isRole = (name: string): name is Role => (roles as readonly string[]).includes(name);

if (wanted.length === 1 && wanted[0] === 'migrate') {
  await runMigrations();
} else if (wanted[0] === 'admin') {
  process.exitCode = await runAdminCommand(wanted.slice(1), process);
} else if (wanted[0] === 'audit') {
  process.exitCode = await runAuditCommand(wanted.slice(1), process);
} else if (wanted[0] === 'redrive') {
  process.exitCode = await runRedriveCommand(wanted.slice(1), process);
} else if (wanted.length > 0 && wanted.every(isRole)) {
  await runRoles(wanted);
} else {
  process.stderr.write(
    'usage: node app/main.ts migrate | admin … | audit … | redrive | ' +
      `${roles.join(' | ')} (one or several roles)\n`,
  );
  process.exitCode = 2;
}

async function runMigrations(): Promise<void> {
  const { DATABASE_URL, LOG_LEVEL = 'info', STAGE = 'local' } = withoutEmpty(process.env);
  const log = createLog({ level: LOG_LEVEL, role: 'migrate', stage: STAGE });
  logCrashes(log);
  if (DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set');
  const applied = await migrate(DATABASE_URL, {
    onBusy: (migration, attempt) => log.warn('migration_waits', { migration, attempt }),
  });
  log.info('migrated', { applied });
}

async function runRoles(names: readonly Role[]): Promise<void> {
  const config = settingsOf(names);
  if (config === undefined) return;
  const { shared } = config;
  const log = createLog({ level: shared.LOG_LEVEL, role: names.join('+'), stage: shared.STAGE });
  logCrashes(log);
  const wiring = wireProcess(config, names, log);
  const stopping = new AbortController();
  const running: RunningRole[] = [];

  const stop = async (signal: string): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.info('draining', { signal });
    wiring.beginDrain();
    setTimeout(() => process.exit(1), shared.DRAIN_TIMEOUT_MS + EXIT_GRACE_MS).unref();
    await Promise.all(running.map((role) => role.stop()));
    await wiring.close();
    log.info('stopped');
    // Nothing is left to wait for but, perhaps, a connection whose other side has gone silent.
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        log.error('stop_failed', { error });
        process.exit(1);
      });
    });
  }

  const metrics = wiring.startMetrics();
  if (metrics !== undefined) running.push(metrics);
  // The API listens at once, so that /healthz answers and /readyz tells the balancer to wait.
  if (names.includes('api')) running.push(await wiring.start('api'));
  await wiring.boot(stopping.signal);
  if (stopping.signal.aborted) return;
  for (const role of names) {
    if (role !== 'api') running.push(await wiring.start(role));
    log.info('role_started', { role });
  }
}

/** Logs in one line what is wrong with the settings, as a process with the right ones would. */
function settingsOf(names: readonly Role[]): Config | undefined {
  try {
    return parseConfig(process.env, names);
  } catch (error) {
    const { STAGE = 'local' } = withoutEmpty(process.env);
    const { message: reason } = error as Error;
    createLog({ level: 'info', role: names.join('+'), stage: STAGE }).error('settings_unusable', { reason });
    process.exitCode = 1;
    return undefined;
  }
}
