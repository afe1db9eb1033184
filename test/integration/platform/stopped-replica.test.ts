import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import type { Log } from '../../../app/platform/observe/log.ts';
import { type MysqlServer, startMysqlServer } from '../../../localstack/mysql/start-mysql-server.ts';
import { projectDirs } from '../../faults/run/project-dirs.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { until } from '../../support/until.ts';

const NAME = 'rowlock';
const migration = join(import.meta.dirname, '../../../app/migrations/0060-replica-heartbeat.sql');

/** Two servers of the available engine; the replica follows the other's binary log. */
describe('a read replica whose replication stops', function () {
  let writer: MysqlServer;
  let replica: MysqlServer;
  let [toWriter, toReplica]: Connection[] = [];

  const start = async (id: number): Promise<MysqlServer> => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rowlock-replica-'));
    onCleanup(() => rmSync(dataDir, { recursive: true, force: true }));
    const server = await startMysqlServer({
      dataDir,
      cacheDir: projectDirs.cacheDir,
      log: () => {},
      durable: true,
      bufferPoolMb: 32,
      extraSettings: [`server-id=${id}`, 'log-bin=binlog'],
    });
    onCleanup(() => server.stop());
    return server;
  };
  const connect = async (server: MysqlServer): Promise<Connection> => {
    const connection = await createConnection({ uri: server.url() });
    onCleanup(() => connection.destroy());
    return connection;
  };

  before(async () => {
    [writer, replica] = await Promise.all([start(1), start(2)]);
    [toWriter, toReplica] = await Promise.all([connect(writer), connect(replica)]);
    await follow();
    await toWriter?.query(`CREATE DATABASE ${NAME}`);
    await toWriter?.query(`USE ${NAME}`);
    await toWriter?.query(readFileSync(migration, 'utf8'));
    await toWriter?.query('CREATE TABLE notes (name VARCHAR(20) PRIMARY KEY)');
    await until('the tables are there', async () => toReplica?.query(`SELECT * FROM ${NAME}.notes`));
    // This row shows which server answered.
    await toReplica?.query(`INSERT INTO ${NAME}.notes VALUES ('of the replica')`);
  });

  async function follow(): Promise<void> {
    const { username, password, port } = new URL(writer.url());
    const isMariaDb = writer.engine === 'MariaDB';
    const [rows] = await toWriter!.query<RowDataPacket[]>(
      isMariaDb ? 'SHOW MASTER STATUS' : 'SHOW BINARY LOG STATUS',
    );
    const [prefix, statement] = isMariaDb ? ['MASTER', 'MASTER'] : ['SOURCE', 'REPLICATION SOURCE'];
    const settings = [
      `${prefix}_HOST = '127.0.0.1'`,
      `${prefix}_PORT = ${port}`,
      `${prefix}_USER = '${decodeURIComponent(username)}'`,
      `${prefix}_PASSWORD = '${decodeURIComponent(password)}'`,
      `${prefix}_LOG_FILE = '${rows[0]?.['File']}'`,
      `${prefix}_LOG_POS = ${rows[0]?.['Position']}`,
      `${prefix}_CONNECT_RETRY = 1`,
      ...(isMariaDb ? [] : ['GET_SOURCE_PUBLIC_KEY = 1']),
    ];
    await toReplica?.query(`CHANGE ${statement} TO ${settings.join(', ')}`);
    await toReplica?.query('START REPLICA');
  }

  it('is not read while it lags, and is read again once it has caught up', async () => {
    let aheadMs = 0;
    const events: string[] = [];
    const note = (event: string) => void (event.startsWith('replica_') && events.push(event));
    const database = openDatabase({
      writerUrl: writer.url(NAME),
      replicaUrl: replica.url(NAME),
      connectionsMax: 2,
      log: { error: note, warn: note, info: () => {} } as unknown as Log,
      nowMs: () => performance.now() + aheadMs,
      random: Math.random,
    });
    onCleanup(() => database.close());
    /** Reads the names that a page would show after `byMs`. */
    const later = async (byMs = 100) => {
      aheadMs += byMs;
      const rows = await database.readReplica<{ name: string }>('SELECT name FROM notes ORDER BY name');
      return rows.map(({ name }) => name);
    };
    const write = (name: string) => toWriter?.query('INSERT INTO notes VALUES (?)', [name]);

    await write('first');
    for (let look = 0; look < 40; look += 1) expect(await later()).to.include('of the replica');
    await until('the new rows reach the replica', async () => (await later()).includes('first'));

    await toReplica?.query('STOP REPLICA');
    await write('second');
    expect(await later()).to.deep.equal(['first', 'of the replica']);
    await until('the writer answers', async () => (await later(1000)).includes('second'));
    for (let look = 0; look < 20; look += 1) expect(await later(1000)).to.deep.equal(['first', 'second']);
    expect(events).to.deep.equal(['replica_stopped']);

    await toReplica?.query('START REPLICA');
    await until('the replica answers again', async () => (await later()).includes('of the replica'));
    expect(await later()).to.deep.equal(['first', 'of the replica', 'second']);
    expect(events).to.deep.equal(['replica_stopped', 'replica_caught_up']);
  });
});
