import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type AdminClient, adminClient, makeAdminBySql } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { pythonTool, pythonToolTimeoutMs } from '../../support/servers/python-tool.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const SCHEMATHESIS = 'schemathesis==4.32.5';
const SECONDS = 30;
/** Schemathesis finishes the case in progress, and Python starts slowly on a busy machine. */
const TIMEOUT_MS = 300_000;
/** Not every seed sends the value at the planted bound. */
const PLANTED_SEED = 1;
const SEED = Number(process.env['SCHEMATHESIS_SEED'] || Math.floor(Math.random() * 2 ** 31));

// Schemathesis reads the OpenAPI document and sends requests that it allows and requests that it forbids. The
// app must accept the first and refuse the second.
describe('requests that schemathesis generates from the document', function () {
  this.timeout(TIMEOUT_MS);
  const shop = useTestShop();
  let python: string;
  let app: AppProcess;
  let admin: AdminClient;
  let userId: string;
  let token: string;
  let work: string;

  before(async function () {
    this.timeout(pythonToolTimeoutMs);
    python = await pythonTool(SCHEMATHESIS, this);
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    await admin.newProduct({ price: 1, stock: 1000 });
    const { id, ...credentials } = await admin.signUp();
    userId = id;
    await makeAdminBySql(shop.database, userId);
    ({ token } = await admin.logIn(credentials));
    work = mkdtempSync(join(tmpdir(), 'rowlock-schemathesis-'));
    onCleanup(() => rmSync(work, { recursive: true, force: true }));
  });

  const run = (document: string, ...options: string[]): Promise<{ code: number; output: string }> => {
    const file = join(work, 'openapi.json');
    writeFileSync(file, document);
    const args = [
      '-m',
      'schemathesis.cli',
      '--config-file',
      join(import.meta.dirname, 'schemathesis.toml'),
      'run',
      file,
      '--url',
      app.url,
      '--header',
      `Authorization: Bearer ${token}`,
      '--seed',
      String(SEED),
      '--continue-on-failure',
      '--suppress-health-check',
      'all',
      '--generation-database',
      'none',
      '--warnings',
      'off',
      // These paths would end the session that the other requests use.
      '--exclude-path-regex',
      '^/auth/log',
      ...options,
    ];
    const env = {
      PATH: process.env['PATH'],
      SCHEMATHESIS_HOOKS: join(import.meta.dirname, 'schemathesis_hooks.py'),
      OWN_USER_ID: userId,
      OTHER_ADMIN_ID: admin.userId,
      PYTHONDONTWRITEBYTECODE: '1',
      COLUMNS: '160',
    };
    return new Promise((resolve) => {
      execFile(
        python,
        args,
        { cwd: work, env, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: `${stdout}${stderr}` });
        },
      );
    });
  };
  const readDocument = async () => (await fetch(`${app.url}/openapi.json`)).text();

  it(`are accepted if the document allows them, otherwise rejected (seed ${SEED})`, async () => {
    const { code, output } = await run(
      await readDocument(),
      '--phases',
      'examples,coverage,fuzzing',
      '--max-time',
      String(SECONDS),
    );
    const [, cases = ''] = /(\d+) generated/.exec(output) ?? [];
    console.log(`      ${cases} requests`);
    expect(code, output.slice(-20_000)).to.equal(0);
    expect(Number(cases), output).to.be.at.least(20);
    expect(app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);
    // Requests without a session are all answered 401, and the cases after them would find nothing.
    const me = await fetch(`${app.url}/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(me.status).to.equal(200);
  });

  const planted: readonly (readonly [
    what: string,
    path: RegExp,
    from: string,
    to: string,
    finding: string,
  ])[] = [
    [
      'allows what the app refuses',
      // Without an idempotency key: a used one would refuse the body before its schema does.
      /^\/cart\/items$/,
      '"minimum":1,"maximum":99}',
      '"minimum":0,"maximum":99}',
      'ST202 Schema-valid request rejected',
    ],
    [
      'forbids what the app accepts',
      // A list: the operations that create need an Idempotency-Key, and one that was used refuses another
      // body.
      /^\/products$/,
      '"maximum":1000000000',
      '"maximum":900000000',
      'ST201 Schema-violating request accepted',
    ],
  ];
  for (const [what, path, from, to, finding] of planted) {
    it(`reveal a difference if the document ${what}`, async () => {
      const document = await readDocument();
      expect(document).to.include(from);
      const { code, output } = await run(
        document.replaceAll(from, to),
        '--include-path-regex',
        path.source,
        '--phases',
        'coverage',
        '--seed',
        String(PLANTED_SEED),
      );
      expect(code, output).to.equal(1);
      expect(output).to.include(finding);
    });
  }
});
