import { join } from 'node:path';
import type { ServerProgram } from '../programs/server-program.ts';

export interface MysqlConfigurationOptions {
  readonly program: ServerProgram;
  readonly dataDir: string;
  readonly socketDir: string;
  readonly port: number;
  /** Binary log and a flush per commit, as on RDS; off for throwaway servers. */
  readonly durable: boolean;
  readonly bufferPoolMb: number;
}

/**
 * Text of a my.cnf: UTC, utf8mb4, strict mode and READ COMMITTED as on AWS, loopback only. The settings above
 * "where it runs" shape the data files and are part of a template's key.
 */
export function mysqlConfiguration(options: MysqlConfigurationOptions): string {
  const { program, dataDir, socketDir, port } = options;
  return [
    '[mysqld]',
    ...fileSettings(program),
    '# where it runs',
    ...rootSettings(),
    ...unpackedSettings(program),
    `datadir=${dataDir}`,
    `socket=${join(socketDir, 's')}`,
    `pid-file=${join(socketDir, 'pid')}`,
    'bind-address=127.0.0.1',
    `port=${port}`,
    'skip-name-resolve',
    'max-connections=300',
    `innodb-buffer-pool-size=${options.bufferPoolMb}M`,
    'performance-schema=OFF',
    'default-time-zone=+00:00',
    'sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,' +
      'ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    'transaction-isolation=READ-COMMITTED',
    ...durabilitySettings(options.durable, program),
    ...(program.engine === 'MySQL' ? ['mysqlx=OFF', 'secure-file-priv=NULL'] : []),
    '',
  ].join('\n');
}

/** Settings that shape a fresh data directory. */
export function fileSettings(program: ServerProgram): string[] {
  return [
    'character-set-server=utf8mb4',
    'collation-server=utf8mb4_unicode_520_ci',
    // Small enough to copy a template quickly, large enough for a load test of some minutes.
    program.engine === 'MySQL' ? 'innodb-redo-log-capacity=64M' : 'innodb-log-file-size=64M',
    'innodb-file-per-table=ON',
  ];
}

function durabilitySettings(durable: boolean, { engine }: ServerProgram): string[] {
  if (!durable) return ['skip-log-bin', 'innodb-flush-log-at-trx-commit=0', 'innodb-doublewrite=OFF'];
  return [
    'server-id=1',
    'log-bin=binlog',
    'binlog-format=ROW',
    'sync-binlog=1',
    'innodb-flush-log-at-trx-commit=1',
    // Old binary logs have no reader here: some minutes of load would leave gigabytes for a day.
    'max-binlog-size=16M',
    'binlog-expire-logs-seconds=10',
    // MySQL does not log the text of statements beside their rows by default, and so neither does RDS.
    ...(engine === 'MariaDB' ? ['binlog-annotate-row-events=OFF'] : []),
  ];
}

/** The server runs as root only with an explicit setting. */
function rootSettings(): string[] {
  return process.getuid?.() === 0 ? ['user=root'] : [];
}

/** An unpacked server finds its messages and character sets below its root. */
function unpackedSettings(program: ServerProgram): string[] {
  const root = program.unpackedRoot;
  if (root === undefined) return [];
  return [
    `basedir=${join(root, 'usr')}`,
    `character-sets-dir=${join(root, shareFolder(program), 'charsets')}`,
  ];
}

/** Where packages store the engine's own files, below their root. */
function shareFolder(program: ServerProgram): string {
  const major = Number(program.version.split('.')[0]);
  return program.engine === 'MariaDB' && major >= 11 ? 'usr/share/mariadb' : 'usr/share/mysql';
}
