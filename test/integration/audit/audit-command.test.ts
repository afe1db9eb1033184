import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { uuidText } from '../../../app/platform/uuid.ts';
import { freePort } from '../../../localstack/processes/free-port.ts';
import { type AuditedShop, makeAuditedShop } from '../../support/shop/audited-shop.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const COMMAND = fileURLToPath(new URL('../../../scripts/audit.ts', import.meta.url));

async function run(databaseUrl: string, ...args: string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

describe('npm run audit', () => {
  const shop = useTestShop();
  let ids: AuditedShop;
  before(async function () {
    ids = await makeAuditedShop(shop);
  });

  it('exits with 0 and prints what it checked when everything adds up', async () => {
    const { code, stdout, stderr } = await run(shop.database.url, '--events-late-s=0');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.contain(
      '6 orders, 14 changes of 3 stocks, 10 entries of 3 wallets, 1 coupons, 7 events',
    );
    expect(stdout).to.match(/\nEverything adds up\.\n$/);
  });

  it('exits with 1 and names the row when something does not add up', async () => {
    await shop.database.write('UPDATE wallets SET balance = balance + 1 WHERE user_id = ?', [ids.ann]);
    const { code, stdout } = await run(shop.database.url);
    expect(code).to.equal(1);
    expect(stdout).to.contain('BROKEN  balance_head');
    expect(stdout).to.contain(`user ${uuidText(ids.ann)}: balance 9901 at version 6`);
    expect(stdout).to.match(/\nRows that do not add up: 1\.\n$/);
    const json = await run(shop.database.url, '--json');
    expect(JSON.parse(json.stdout)).to.deep.include({ isClean: false, mode: 'full' });
  });

  it('exits with 2 when it could not check, and prints no password', async () => {
    const url = new URL(shop.database.url);
    url.port = String(await freePort());
    const away = await run(url.href);
    expect(away.code).to.equal(2);
    expect(away.stderr).to.match(/^audit: not carried out: no database connection/);
    expect(away.stderr).not.to.contain(url.password);
    expect((await run(shop.database.url, '--events-late-s=soon')).code).to.equal(2);
    expect((await run(shop.database.url, '--what')).code).to.equal(2);
  });
});
