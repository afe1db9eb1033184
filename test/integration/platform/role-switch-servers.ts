import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { type Database, openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { appAccount } from '../../faults/run/direct-database.ts';
import { type FaultServer, startFaultServer } from '../../faults/run/fault-servers.ts';
import { onCleanup } from '../../support/cleanup.ts';
import type { FaultProxy } from '../../support/servers/fault-proxy.ts';

const log = createLog({ level: 'error', role: 'test', stage: 'test' });

/** Starts a server for this test alone: its settings apply to all of its clients. */
export async function ownServer(): Promise<FaultServer> {
  const dir = mkdtempSync(join(tmpdir(), 'rowlock-role-switch-'));
  onCleanup(() => rmSync(dir, { recursive: true, force: true }));
  return startFaultServer('mysql', dir);
}

/** A server is never read-only for its administrator, so the app has a separate account. */
export function asApp(url: string): string {
  const own = new URL(url);
  own.username = appAccount.user;
  own.password = appAccount.password;
  return own.href;
}

export async function run(url: string, ...statements: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri: url });
  try {
    for (const sql of statements) await connection.query(sql);
  } finally {
    await connection.end();
  }
}

export async function query(url: string, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection({ uri: url });
  try {
    return (await connection.query<RowDataPacket[]>(sql))[0];
  } finally {
    await connection.end();
  }
}

/** The server's only note is its name: the servers do not replicate, so a read shows which one answered. */
export async function ownServerWithNote(name: string): Promise<FaultServer> {
  const server = await ownServer();
  const { user, password } = appAccount;
  await run(
    server.url,
    'CREATE DATABASE notes',
    'CREATE TABLE notes.notes (name VARCHAR(10) PRIMARY KEY)',
    `INSERT INTO notes.notes VALUES ('${name}')`,
    `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON notes.* TO '${user}'@'%'`,
  );
  return server;
}

/** The app's access to the notes of the server, through a proxy that can lead to another one. */
export function openNotes(proxy: FaultProxy, server: FaultServer) {
  const url = new URL(proxy.through(asApp(server.url)));
  url.pathname = '/notes';
  const database: Database = openDatabase({
    writerUrl: url.href,
    connectionsMax: 4,
    log,
    nowMs: () => Date.now(),
    random: Math.random,
  });
  onCleanup(() => database.close());
  return {
    database,
    names: async () => {
      const rows = await database.read<{ name: string }>('SELECT name FROM notes ORDER BY name');
      return rows.map(({ name }) => name);
    },
    write: (name: string) =>
      database.withTransaction({ name: 'note', rerunnable: true }, (tx) =>
        tx.write('INSERT INTO notes VALUES (?)', [name]),
      ),
    /** One packet with its COMMIT; not rerunnable. */
    writeAtOnce: (name: string) =>
      database.withTransaction({ name: 'note', rerunnable: false }, (tx) =>
        tx.commitWith([tx.write('INSERT INTO notes VALUES (?)', [name])]),
      ),
  };
}

/** The code with which the work fails; undefined if it succeeds. */
export function failureOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: { code: string }) => error.code,
  );
}
