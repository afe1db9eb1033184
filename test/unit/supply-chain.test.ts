import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { installedPackages } from '../../scripts/supply-chain/installed-packages.ts';
import { isLicenceAllowed, licenceBreaches } from '../../scripts/supply-chain/licence-breaches.ts';
import { licenceExceptions } from '../../scripts/supply-chain/licence-rules.ts';
import { type LockedPackage, lockedPackages } from '../../scripts/supply-chain/locked-packages.ts';
import { billBreaches, softwareBill } from '../../scripts/supply-chain/software-bill.ts';

const top = join(import.meta.dirname, '../..');
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/;

describe('the dependencies of the project', () => {
  const locked = lockedPackages(top);
  const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;

  it('are pinned, each to the locked version', () => {
    const wanted = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap(
      (kind) => Object.entries(manifest[kind] ?? {}),
    );
    expect(wanted.length).to.be.greaterThan(40);
    const byPath = new Map(locked.map(({ path, version }) => [path, version]));
    for (const [name, version] of wanted) {
      expect(version, name).to.match(EXACT);
      expect(byPath.get(`node_modules/${name}`), name).to.equal(version);
    }
    for (const { name, version } of locked) expect(version, name).to.match(EXACT);
  });

  it('override no transitive dependency and run no install script', () => {
    expect(manifest['overrides']).to.equal(undefined);
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) {
      expect(manifest['scripts'], hook).not.to.have.property(hook);
    }
  });

  it('are locked by a hash, except bundled packages and those for other machines', () => {
    const without = locked.filter(({ integrity }) => integrity === undefined);
    const unexplained = without.filter(
      // Formatter and linter: some registries do not serve their builds for other machines.
      ({ isBundled, isOptional, isDevelopment, name }) =>
        !isBundled && !(isOptional && isDevelopment && /^@(biomejs|oxlint|oxlint-tsgolint)\//.test(name)),
    );
    expect(unexplained.map(({ path }) => path)).to.deep.equal([]);
    for (const { path, integrity = 'sha512-' } of locked) {
      expect(integrity, path).to.match(/^sha512-/);
    }
    // Every package that runs on an instance has a hash, without exception.
    const running = locked.filter(({ isDevelopment }) => !isDevelopment);
    expect(running.length).to.be.greaterThan(50);
    expect(running.filter(({ integrity }) => integrity === undefined)).to.deep.equal([]);
  });

  it('come from the public registry: the lock file names no other', () => {
    const text = readFileSync(join(top, 'package-lock.json'), 'utf8');
    const hosts = [...text.matchAll(/"resolved": "([^"]*)"/g)].map(([, url = '']) => URL.parse(url)?.host);
    for (const host of hosts) expect(host).to.equal('registry.npmjs.org');
    expect(text).not.to.match(/git\+|github:|"file:|\.tgz"/);
  });

  it('are exactly the installed packages', () => {
    const byPath = new Map(locked.map((known) => [known.path, known]));
    const installed = installedPackages(top);
    expect(installed.length).to.be.greaterThan(200);
    const strange = installed.filter(({ path, version }) => byPath.get(path)?.version !== version);
    expect(strange.map(({ path, version }) => `${path}@${version}`)).to.deep.equal([]);
    const present = new Set(installed.map(({ path }) => path));
    const missing = locked.filter(({ path, isOptional }) => !isOptional && !present.has(path));
    expect(missing.map(({ path }) => path)).to.deep.equal([]);
  });

  describe('have licences', () => {
    it('that are allowed or excepted with a reason, for every installed and locked package', () => {
      const installed = installedPackages(top);
      expect(licenceBreaches(installed)).to.deep.equal([]);
      expect(licenceBreaches(locked)).to.deep.equal([]);
      for (const { why } of licenceExceptions) expect(why.length).to.be.greaterThan(40);
    });

    it('that agree between the package and the lock file', () => {
      const byPath = new Map(locked.map(({ path, license }) => [path, license]));
      for (const { path, license } of installedPackages(top))
        expect(license, path).to.equal(byPath.get(path));
    });

    it('of which a forbidden or missing one is reported', () => {
      const excepted = locked.filter(({ name }) =>
        licenceExceptions.some(({ packages }) => packages.test(name)),
      );
      const with_ = (license: string | undefined) =>
        licenceBreaches([...excepted, { name: 'a', version: '1.0.0', license }]);
      expect(with_('MIT')).to.deep.equal([]);
      for (const license of [
        'GPL-3.0-only',
        'AGPL-3.0-or-later',
        'SSPL-1.0',
        'UNLICENSED',
        'LGPL-3.0-or-later',
        'MIT AND GPL-2.0-only',
      ]) {
        expect(with_(license), license).to.deep.equal([`a@1.0.0: ${license}`]);
      }
      expect(with_(undefined)).to.deep.equal(['a@1.0.0: no licence']);
      expect(licenceBreaches([{ name: 'a', version: '1.0.0', license: 'MIT' }])).to.have.lengthOf(
        licenceExceptions.length,
      );
    });

    it('that are parsed as SPDX expressions', () => {
      const allowed = new Set(['MIT', 'ISC']);
      for (const [expression, result] of [
        ['MIT', true],
        ['GPL-3.0-or-later', false],
        ['(MIT OR GPL-3.0-or-later)', true],
        ['GPL-2.0-only OR MIT AND ISC', true],
        ['MIT AND GPL-2.0-only OR GPL-2.0-only', false],
        ['MIT AND (GPL-2.0-only OR ISC)', true],
        ['(MIT AND ISC) AND GPL-2.0-only', false],
      ] as const) {
        expect(isLicenceAllowed(expression, allowed), expression).to.equal(result);
      }
      for (const text of ['', 'MIT OR', '(MIT', 'MIT ISC', 'SEE LICENSE IN LICENSE', 'MIT)']) {
        expect(() => isLicenceAllowed(text, allowed), text).to.throw('no SPDX expression');
      }
    });
  });

  it('are listed in a software bill of materials, created without a network', function () {
    const bill = softwareBill(top, locked);
    expect(billBreaches(bill, locked)).to.deep.equal([]);
    expect(bill.metadata.component).to.include({ name: 'rowlock', version: '0.1.0' });
    const added: LockedPackage = { ...(locked[0] as LockedPackage), name: 'not-in-it', version: '9.9.9' };
    expect(billBreaches(bill, [added])).to.deep.equal(['pkg:npm/not-in-it@9.9.9 is missing']);
    const changed = {
      ...(locked.find(({ name }) => name === 'express') as LockedPackage),
      integrity: 'sha512-AAAA',
    };
    expect(billBreaches(bill, [changed])).to.deep.equal([
      `pkg:npm/express@${changed.version} lacks the hash of the lock file`,
    ]);
  });
});
