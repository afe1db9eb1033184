import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import lock from '../../package-lock.json' with { type: 'json' };
import { systemPath, temporaryFolder } from '../support/shop/fresh-clone.ts';

const run = promisify(execFile);
const top = join(import.meta.dirname, '../..');
/** Two locked packages without dependencies: one that runs in production, one for development. */
const [ours, forDevelopment] = ['uuid', 'constructs'] as const;

// Runs the real script and the real npm on a project of two packages, which takes 2 s instead of a minute.
describe('the packages that scripts/bootstrap.sh installs', function () {
  let root: string;
  let home: string;

  before(() => {
    root = temporaryFolder('rowlock-packages-');
    home = join(root, '.local/home-of-the-user');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, '.npmrc'), 'omit[]=dev\nglobal=true\n');
    for (const name of ['bootstrap.sh', 'missing-packages.mjs'])
      cpSync(join(top, 'scripts', name), join(root, 'scripts', name));
    const manifest = {
      name: 'two-packages',
      version: '1.0.0',
      dependencies: { [ours]: lock.packages[`node_modules/${ours}`].version },
      devDependencies: { [forDevelopment]: lock.packages[`node_modules/${forDevelopment}`].version },
    };
    const packages = {
      '': manifest,
      [`node_modules/${ours}`]: lock.packages[`node_modules/${ours}`],
      [`node_modules/${forDevelopment}`]: lock.packages[`node_modules/${forDevelopment}`],
    };
    writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
    const { lockfileVersion } = lock;
    writeFileSync(
      join(root, 'package-lock.json'),
      JSON.stringify({ ...manifest, lockfileVersion, packages }),
    );
  });

  const environment = () => ({
    ...process.env,
    HOME: home,
    NODE_ENV: 'production',
    npm_config_omit: 'dev',
    // A recent Node, so that the script installs none.
    PATH: `${dirname(process.execPath)}${delimiter}${systemPath()}`,
  });
  const bootstrap = async () => {
    const { stdout } = await run('bash', ['-euc', 'source scripts/bootstrap.sh'], {
      cwd: root,
      env: environment(),
    });
    return stdout;
  };
  const isInstalled = (name: string) => existsSync(join(root, 'node_modules', name, 'package.json'));

  it("are complete, whatever the user's npm omits", async () => {
    expect(await bootstrap()).to.match(/^Installing packages/);
    expect([isInstalled(ours), isInstalled(forDevelopment)]).to.deep.equal([true, true]);
  });

  it('are not installed again when they are complete', async () => {
    expect(await bootstrap()).to.equal('');
  });

  const damages: Readonly<Record<string, () => unknown>> = {
    'one folder was deleted': () => rmSync(join(root, 'node_modules', ours), { recursive: true }),
    'an installation was cut short': () => rmSync(join(root, 'node_modules/.package-lock.json')),
    'npm itself omitted packages': () =>
      run('npm', ['ci', '--location=project', '--no-global', '--no-audit'], {
        cwd: root,
        env: environment(),
      }),
  };
  for (const [title, damage] of Object.entries(damages))
    it(`are installed again after ${title}`, async () => {
      await damage();
      expect(await bootstrap()).to.match(/^Installing packages/);
      expect([isInstalled(ours), isInstalled(forDevelopment)]).to.deep.equal([true, true]);
      expect(await bootstrap()).to.equal('');
    });
});
