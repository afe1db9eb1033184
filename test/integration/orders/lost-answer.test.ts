import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { createTestDatabase } from '../../support/servers/database.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';

describe('a connection that breaks after the database responded', () => {
  it('has run all of its statements and delivered no response', async () => {
    const database = await createTestDatabase();
    await database.write('CREATE TABLE notes (id INT PRIMARY KEY)');
    const proxy = await openFaultProxy(database.url);
    const connection = await createConnection({
      uri: proxy.through(database.url),
      multipleStatements: true,
    });
    connection.on('error', () => undefined);
    proxy.watchClient(() => 'forward-then-cut');
    // The answer to the first statement arrives long before the last statement runs.
    const failure = await connection
      .query('SELECT 1, 2 UNION SELECT 3, 4; DO SLEEP(0.3); INSERT INTO notes VALUES (1); COMMIT')
      .then(() => undefined)
      .catch((error: NodeJS.ErrnoException) => error.code);
    expect(failure).to.be.oneOf(['ECONNRESET', 'PROTOCOL_CONNECTION_LOST']);
    expect(await database.read('SELECT id FROM notes')).to.deep.equal([{ id: 1 }]);
    connection.destroy();
  });
});
