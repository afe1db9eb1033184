import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { isPortFree } from '../../localstack/processes/free-port.ts';
import { onCleanup } from '../support/cleanup.ts';
import { lendPackages, systemPath, temporaryFolder, treeRepository } from '../support/shop/fresh-clone.ts';
import { ownEnvironment } from '../support/shop/shop-copy.ts';
import { skipWithout } from '../support/skip-without.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 240_000;
const TEST_FILE = 'test/integration/which-server.test.ts';
const testOfTheServer = `
import { createConnection } from 'mysql2/promise';
it('queries the server', async () => {
  const connection = await createConnection(process.env.TEST_MYSQL_URL ?? '');
  await connection.query('SELECT 1');
  connection.destroy();
  console.log(\`port \${new URL(process.env.TEST_MYSQL_URL ?? '').port}.\`);
});
`;

describe('the servers that scripts/test keeps', function () {
  this.timeout(TIMEOUT_MS);
  let dir: string;
  const folder = () => join(dir, '.local/test-servers');
  const env = (): NodeJS.ProcessEnv => ({ ...ownEnvironment(), PATH: systemPath() });

  before(async function () {
    try {
      execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, stdio: 'ignore' });
    } catch {
      skipWithout('git, and a clone to be cloned', this);
    }
    dir = temporaryFolder('rowlock-kept-');
    await (await treeRepository()).clone(dir);
    lendPackages(dir);
    writeFileSync(join(dir, TEST_FILE), testOfTheServer);
    onCleanup(async () => void (await scriptsTest('--stop')));
  });

  async function scriptsTest(...args: string[]): Promise<string> {
    const { stdout } = await run('bash', ['scripts/test', ...args], {
      cwd: dir,
      env: env(),
      timeout: TIMEOUT_MS,
    });
    return stdout;
  }

  const portIn = (output: string) => Number(/port (\d+)\./.exec(output)?.[1]);

  it('are reused by the next run, replaced when one has exited, and gone after --stop', async () => {
    const first = await scriptsTest('--keep', `${TEST_FILE}:4`);
    expect(first)
      .to.contain('stay up for the next run')
      .and.to.match(/^1 passed, 0 failed, 0 skipped$/m);
    const second = await scriptsTest(TEST_FILE);
    expect(portIn(second)).to.equal(portIn(first)).and.to.be.greaterThan(0);
    expect(second).not.to.contain('stay up for the next run');

    const [pidFile = ''] = globSync(join(folder(), 'data/*/mysql/mysql.pid.json'));
    process.kill((JSON.parse(readFileSync(pidFile, 'utf8')) as { pid: number }).pid, 'SIGKILL');
    await until('MySQL is gone', async () => isPortFree(portIn(first)));
    const third = await scriptsTest('--keep', TEST_FILE);
    expect(third)
      .to.contain('kept servers are replaced')
      .and.to.match(/^1 passed, 0 failed, 0 skipped$/m);

    expect(await scriptsTest('--stop')).to.contain('Stopped the servers');
    expect(await isPortFree(portIn(third))).to.equal(true);
    expect(globSync(join(folder(), 'data/*'))).to.deep.equal([]);
    expect(await scriptsTest('--stop')).to.contain('No servers are kept');
  });

  it('exit when no run has used them for the maximum idle time', async () => {
    const keeper = join(dir, 'scripts/test-suites/keeper.ts');
    const node = process.execPath;
    const { stdout } = await run(node, [keeper, folder(), '1', '--redis=local'], {
      env: env(),
      timeout: TIMEOUT_MS,
    });
    expect(stdout).to.match(/fauxqs/);
    expect(existsSync(join(folder(), 'servers.json'))).to.equal(false);
    expect(globSync(join(folder(), 'data/*'))).to.deep.equal([]);
  });
});
