import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { environmentNames } from '../../app/config/read-config.ts';
import {
  lendPackages,
  systemPath,
  temporaryFolder,
  type TreeRepository,
  treeRepository,
} from '../support/shop/fresh-clone.ts';
import { ownEnvironment, type ShopCopy, shopIn } from '../support/shop/shop-copy.ts';
import { skipWithout } from '../support/skip-without.ts';

/** A user id without an entry in the password file, as in many containers. */
const STRANGER_UID = 54_321;
/** An address on which no server listens. */
const DEAD_ADDRESS = '127.0.0.1:9';
const isRoot = process.getuid?.() === 0;

// Each test clones the repository, opens its shop, sells one order and stops it. One also installs all
// packages and downloads the servers: 60 s on an idle machine, over 240 s at a load of 11 on two cores.
describe('a fresh clone in a hostile environment', function () {
  this.timeout(900_000);
  let repository: TreeRepository;
  const environment = (): NodeJS.ProcessEnv => ({ ...ownEnvironment(), PATH: systemPath() });

  before(async function () {
    try {
      execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, stdio: 'ignore' });
    } catch {
      skipWithout('git, and a clone to be cloned', this);
    }
    repository = await treeRepository();
  });

  async function opensAndSells(shop: ShopCopy, whileOpen: (url: string) => Promise<void> | void = () => {}) {
    const up = shop.up();
    const { url, commands } = await up.open();
    // The commands run outside the namespace, where localhost may resolve to another address.
    const lines = commands.map((line) => line.replaceAll('//localhost:', '//[::1]:'));
    expect(await shop.shell(lines, 60_000)).to.contain('"status":"COMPLETED"');
    await whileOpen(url);
    up.signal('SIGINT');
    expect(await up.ended).to.include({ code: 0, stderr: '' });
  }

  it('sells from a path with blanks, through a symlink, with a long TMPDIR and a strict umask', async () => {
    const place = temporaryFolder('rowlock-strange-');
    const dir = join(place, "the shop's (2nd) cläne & co");
    const tmp = join(place, 'tmp'.padEnd(100, 'x'));
    mkdirSync(tmp);
    await repository.clone(dir);
    lendPackages(dir);
    const link = join(place, 'link');
    symlinkSync(dir, link);
    const env: NodeJS.ProcessEnv = { ...environment(), TMPDIR: tmp };
    delete env['ROWLOCK_CACHE_DIR'];
    const script = 'umask 077 && cd "$1" && shift && exec bash scripts/up "$@"';
    const shop = shopIn(place, ['bash', '-c', script, 'up', link], env);
    await opensAndSells(shop);
    expect(readdirSync(tmp), 'left in TMPDIR').to.deep.equal([]);
  });

  it("ignores settings of the user's shell and empty variables", async () => {
    const dir = temporaryFolder('rowlock-strange-');
    const elsewhere = temporaryFolder('rowlock-elsewhere-');
    await repository.clone(dir);
    lendPackages(dir);
    writeFileSync(join(elsewhere, 'greeting.sh'), 'echo "welcome back"\n');
    mkdirSync(join(elsewhere, 'scripts'));
    const shell = {
      CDPATH: elsewhere,
      BASH_ENV: join(elsewhere, 'greeting.sh'),
      GREP_OPTIONS: '--color=always',
      TAR_OPTIONS: '--verbose',
      POSIXLY_CORRECT: '1',
      GIT_DIR: join(elsewhere, 'none.git'),
      NODE_ENV: 'production',
      NODE_OPTIONS: '--no-such-option',
      NODE_PATH: elsewhere,
      DEBUG: '*',
      FORCE_COLOR: '3',
      LANG: 'tr_TR.UTF-8',
      // Avoids bash's warning about a locale that is not installed.
      LC_ALL: 'POSIX',
      TZ: 'Asia/Kathmandu',
      PYTHONHOME: elsewhere,
      MYSQL_UNIX_PORT: join(elsewhere, 'none.sock'),
      PATH: `${systemPath()}:`,
    };
    const empty = Object.fromEntries(environmentNames.map((name) => [name, '']));
    const shop = shopIn(dir, ['bash', 'scripts/up'], { ...environment(), ...shell, ...empty });
    await opensAndSells(shop, async (url) => {
      expect(await isReachable(new URL(url).port, '127.0.0.1')).to.equal(true);
      if (process.platform === 'linux')
        expect(await isReachable(new URL(url).port, '127.0.0.2'), 'listens beyond 127.0.0.1').to.equal(false);
    });
  });

  it("uses neither the user's AWS account nor a proxy", async () => {
    const dir = temporaryFolder('rowlock-strange-');
    await repository.clone(dir);
    lendPackages(dir);
    const home = join(dir, '.local/somebody');
    mkdirSync(join(home, '.aws'), { recursive: true });
    const profile =
      'region = eu-west-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n' +
      `endpoint_url = http://${DEAD_ADDRESS}\nretry_mode = none\n`;
    writeFileSync(join(home, '.aws/config'), `[default]\n${profile}\n[profile work]\n${profile}`);
    const proxy = `http://${DEAD_ADDRESS}`;
    const account = {
      HOME: home,
      AWS_PROFILE: 'work',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
      AWS_ENDPOINT_URL_S3: `http://${DEAD_ADDRESS}`,
      AWS_ENDPOINT_URL_SQS: `http://${DEAD_ADDRESS}`,
      AWS_ACCESS_KEY_ID: 'AKIDNOTFORTHIS',
      AWS_SESSION_TOKEN: 'not-for-this',
      AWS_CA_BUNDLE: join(home, 'none.pem'),
      AWS_MAX_ATTEMPTS: '1',
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy,
      http_proxy: proxy,
      HTTPS_PROXY: proxy,
      https_proxy: proxy,
      ALL_PROXY: proxy,
    };
    const shop = shopIn(dir, ['bash', 'scripts/up'], { ...environment(), ...account });
    await opensAndSells(shop, () => {
      const settings = readFileSync(join(dir, '.local/env'), 'utf8');
      expect(settings).to.not.match(/AKIDNOTFORTHIS|not-for-this|eu-central-1|:9\b/);
    });
  });

  it('installs and sells for a user without a name, with a read-only home and production npm', async () => {
    const place = temporaryFolder('rowlock-strange-');
    const dir = join(place, 'clone');
    const home = join(place, 'home');
    await repository.clone(dir);
    mkdirSync(home);
    const omits = ['omit[]=dev', 'omit[]=optional', 'package-lock=false', 'bin-links=false', 'dry-run=true'];
    writeFileSync(join(home, '.npmrc'), `${omits.join('\n')}\n`);
    chmodSync(home, 0o555);
    const env: NodeJS.ProcessEnv = {
      ...environment(),
      HOME: home,
      NODE_ENV: 'production',
      npm_config_production: 'true',
      NPM_CONFIG_OMIT: 'dev',
      npm_config_global: 'true',
    };
    const asStranger = ['setpriv', `--reuid=${STRANGER_UID}`, `--regid=${STRANGER_UID}`, '--clear-groups'];
    if (isRoot) {
      execFileSync('chown', ['-R', `${STRANGER_UID}:${STRANGER_UID}`, place]);
      chmodSync(place, 0o755);
      delete env['ROWLOCK_CACHE_DIR'];
    }
    const shop = shopIn(place, [...(isRoot ? asStranger : []), 'bash', 'clone/scripts/up'], env);
    await opensAndSells(shop);
    expect(readdirSync(home)).to.deep.equal(['.npmrc']);
    // Deleting tens of thousands of files takes longer than a hook may on a busy machine.
    await remove(place);
  });

  describe('where localhost is IPv6 only', () => {
    const place = temporaryFolder('rowlock-strange-');
    const hosts = join(place, 'hosts');
    // Mounts another file over /etc/hosts in a separate mount namespace.
    const withHosts = [
      'unshare',
      '--mount',
      'bash',
      '-c',
      `mount --bind "${hosts}" /etc/hosts && exec "$@"`,
      'up',
    ];

    before(function () {
      writeFileSync(hosts, '::1 localhost ip6-localhost\n');
      try {
        execFileSync(withHosts[0] ?? '', [...withHosts.slice(1), 'true'], { stdio: 'ignore' });
      } catch {
        skipWithout('root, and unshare and mount of Linux', this);
      }
    });

    it('listens on HTTP_HOST=localhost and sells', async () => {
      const dir = join(place, 'clone');
      await repository.clone(dir);
      lendPackages(dir);
      const env = { ...environment(), HTTP_HOST: 'localhost' };
      await opensAndSells(shopIn(place, [...withHosts, 'bash', 'clone/scripts/up'], env));
    });
  });

  it('has the same bytes where git is set to write CRLF', async () => {
    const dir = join(temporaryFolder('rowlock-crlf-'), 'clone');
    await repository.clone(dir, ['--config', 'core.autocrlf=true', '--config', 'core.eol=crlf']);
    const carriageReturns = execFileSync('git', ['ls-files', '--eol'], { cwd: dir, encoding: 'utf8' })
      .split('\n')
      .filter((line) => /w\/(crlf|mixed)/.test(line));
    expect(carriageReturns).to.deep.equal([]);
  });
});

async function remove(dir: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', dir]);
}

function isReachable(port: string, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });
}
