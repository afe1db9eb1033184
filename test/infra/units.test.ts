import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { nodeOptions } from '../../scripts/shop/node-options.ts';
import { unitFile } from './unit-file.ts';
import { temporaryFolder } from '../support/shop/fresh-clone.ts';

const unitDir = join(import.meta.dirname, '../../lib/instance/units');
const units = readdirSync(unitDir).filter((name) => name.endsWith('.service'));
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** Creates a file system with the units and only the files that they name. */
function skeleton(change: (name: string) => string | undefined = () => undefined): string {
  const root = temporaryFolder('rowlock-units-');
  const put = (path: string, text = '', mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  put('opt/rowlock/bin/node', '#!/bin/sh\n');
  chmodSync(join(root, 'opt/rowlock/bin/node'), 0o755);
  put('etc/passwd', 'root:x:0:0::/root:/bin/sh\nrowlock:x:999:999::/:/usr/sbin/nologin\n');
  put('etc/group', 'root:x:0:\nrowlock:x:999:\nsystemd-journal:x:998:\n');
  for (const target of ['multi-user', 'network-online', 'sysinit', 'basic', 'shutdown', 'network']) {
    put(`etc/systemd/system/${target}.target`, `[Unit]\nDescription=${target}\n`);
  }
  for (const name of units) {
    cpSync(join(unitDir, name), join(root, 'etc/systemd/system', name));
    const text = change(name);
    if (text !== undefined) put(join('etc/systemd/system', name), text);
  }
  return root;
}

function verify(root: string): string {
  const { stderr } = spawnSync(
    'systemd-analyze',
    ['verify', `--root=${root}`, '--man=no', ...units.map((name) => `/etc/systemd/system/${name}`)],
    { encoding: 'utf8' },
  );
  return stderr;
}

describe('the systemd units', () => {
  it("run as the service's user without capabilities, except the one that stops units", () => {
    for (const name of units) {
      const unit = unitFile(join(unitDir, name));
      expect(unit.one('CapabilityBoundingSet'), name).to.equal('');
      expect(unit.all('User'), name).to.deep.equal(name === 'rowlock-drain.service' ? [] : ['rowlock']);
    }
  });

  it('start Node with the same options as the local shop and the tests', () => {
    for (const role of ['api', 'worker', 'data-platform']) {
      expect(unitFile(join(unitDir, `rowlock-${role}.service`)).one('ExecStart')).to.equal(
        ['/opt/rowlock/bin/node', ...nodeOptions, '/opt/rowlock/app/main.mjs', role].join(' '),
      );
    }
  });

  it('are sandboxed', () => {
    for (const name of units) {
      const unit = unitFile(join(unitDir, name));
      for (const [key, value] of Object.entries({
        NoNewPrivileges: 'true',
        ProtectSystem: 'strict',
        ProtectHome: 'true',
        PrivateTmp: 'true',
        RestrictSUIDSGID: 'true',
        SystemCallFilter: '@system-service',
        SystemCallErrorNumber: 'EPERM',
        UMask: '0077',
      })) {
        expect(unit.one(key), `${name}: ${key}`).to.equal(value);
      }
      // Node needs memory that is both writable and executable for its compiled code.
      expect(unit.all('MemoryDenyWriteExecute'), name).to.deep.equal([]);
    }
  });

  it('roll a release back when its instance does not become ready', () => {
    expect(unitFile(join(unitDir, 'rowlock-ready.service')).one('OnFailure')).to.equal(
      'rowlock-failed.service',
    );
  });

  it('restart without limit, and wait long enough for their settings', () => {
    const source = readFileSync(join(unitDir, '../programs/read-settings.ts'), 'utf8');
    const triedS = Number(/UNAVAILABLE_MAX_MS = ([0-9_]+)/.exec(source)?.[1]?.replaceAll('_', '')) / 1000;
    for (const role of ['api', 'worker', 'data-platform']) {
      const unit = unitFile(join(unitDir, `rowlock-${role}.service`));
      expect(unit.one('Restart'), role).to.equal('always');
      expect(unit.one('StartLimitIntervalSec'), role).to.equal('0');
      expect(Number(unit.one('TimeoutStartSec')), role).to.be.greaterThan(triedS);
    }
  });

  it(
    `pass systemd-analyze verify${hasSystemd ? '' : ' (needs systemd-analyze)'}`,
    hasSystemd
      ? () => {
          expect(verify(skeleton())).to.equal('');
        }
      : undefined,
  );

  it(
    `contain a misspelt key that systemd-analyze reports${hasSystemd ? '' : ' (needs systemd-analyze)'}`,
    hasSystemd
      ? () => {
          const root = skeleton((name) =>
            name === 'rowlock-api.service'
              ? '[Service]\nExecStart=/opt/rowlock/bin/node\nUsr=rowlock\n'
              : undefined,
          );
          expect(verify(root)).to.match(/Unknown key.*Usr/);
        }
      : undefined,
  );
});
