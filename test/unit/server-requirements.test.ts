import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { databaseProblem, parseRedisInfo, redisProblem } from '../../app/platform/server-requirements.ts';
import { installedPrograms } from '../../localstack/programs/find-programs.ts';
import { onCleanup } from '../support/cleanup.ts';

describe('requirements on servers', () => {
  const databases: Readonly<Record<string, string | undefined>> = {
    '10.5.29-MariaDB-ubu2004': 'MariaDB 10.5.29 is too old: the shop needs 10.6 or later',
    '10.6.0-MariaDB-log': undefined,
    '11.4.2-MariaDB': undefined,
    '5.7.44-log': 'MySQL 5.7.44 is too old: the shop needs 8.0.16 or later',
    '8.0.15': 'MySQL 8.0.15 is too old: the shop needs 8.0.16 or later',
    '8.0.16': undefined,
    '8.4.3': undefined,
    '9.7.4-debug': undefined,
    // A proxy may report anything.
    proxy: undefined,
    '': undefined,
  };
  for (const [version, problem] of Object.entries(databases))
    it(`${problem === undefined ? 'accept' : 'reject'} the database ${version || 'without version'}`, () => {
      expect(databaseProblem(version)).to.equal(problem);
    });

  it('reject Redis before 6.0, for either role', () => {
    for (const role of ['state', 'cache'] as const) {
      expect(redisProblem({ redis_version: '5.0.14' }, role)).to.equal(
        'Redis 5.0.14 is too old: the shop needs 6.0 or later',
      );
      for (const version of ['6.0.0', '6.0.16', '7.2.4', '10.0.0'])
        expect(redisProblem({ redis_version: version }, role)).to.equal(undefined);
    }
  });

  it('reject eviction for the state Redis, not for the cache', () => {
    const limited = { redis_version: '7.1.0', maxmemory: '1000', maxmemory_policy: 'volatile-lru' };
    expect(redisProblem(limited, 'state')).to.match(
      /^its maxmemory-policy is volatile-lru: .* need noeviction$/,
    );
    expect(redisProblem(limited, 'cache')).to.equal(undefined);
    expect(redisProblem({ ...limited, maxmemory_policy: 'noeviction' }, 'state')).to.equal(undefined);
    // Without a memory limit Redis evicts nothing, so a packaged server's default policy does no harm.
    expect(redisProblem({ ...limited, maxmemory: '0' }, 'state')).to.equal(undefined);
    expect(redisProblem({ ...limited, redis_version: '5.0.0' }, 'state')).to.match(
      /too old.*; its maxmemory-policy/,
    );
  });

  it('ignore what a server does not disclose', () => {
    expect(redisProblem({}, 'state')).to.equal(undefined);
    expect(redisProblem(parseRedisInfo(''), 'state')).to.equal(undefined);
    expect(redisProblem(parseRedisInfo('# Server\r\nredis_version:6.2.1\r\n\r\n'), 'state')).to.equal(
      undefined,
    );
  });

  it('parse INFO', () => {
    const info =
      '# Server\r\nredis_version:5.0.7\r\n# Memory\r\nmaxmemory:5\r\nmaxmemory_policy:allkeys-lru\r\n';
    expect(parseRedisInfo(info)).to.deep.equal({
      redis_version: '5.0.7',
      maxmemory: '5',
      maxmemory_policy: 'allkeys-lru',
    });
  });

  describe('on local programs', () => {
    /** Creates a folder with an executable of this name that reports this version. */
    const programFolder = (name: string, says: string): string => {
      const dir = mkdtempSync(join(tmpdir(), 'rowlock-program-'));
      onCleanup(() => rmSync(dir, { recursive: true, force: true }));
      writeFileSync(join(dir, name), `#!/bin/sh\necho '${says}'\n`);
      chmodSync(join(dir, name), 0o755);
      return dir;
    };
    const withVariable = (name: string, value: string) => {
      const before = process.env[name];
      process.env[name] = value;
      onCleanup(() => {
        if (before === undefined) delete process.env[name];
        else process.env[name] = before;
      });
    };
    const candidates = {
      redis: {
        name: 'redis-server',
        old: 'Redis server v=5.0.7 sha=0:0',
        good: 'Redis server v=6.0.16 sha=0:0',
      },
      mysql: { name: 'mariadbd', old: 'mariadbd  Ver 10.5.29-MariaDB', good: 'mariadbd  Ver 10.6.1-MariaDB' },
    } as const;

    for (const kind of ['redis', 'mysql'] as const) {
      const { name, old, good } = candidates[kind];
      const variable = kind === 'redis' ? 'ROWLOCK_REDIS_SERVER' : 'ROWLOCK_MYSQLD';

      it(`skip a ${name} that is too old, and use the next`, async () => {
        const [first, second] = [programFolder(name, old), programFolder(name, good)];
        withVariable('PATH', [first, second, process.env['PATH']].join(delimiter));
        withVariable(variable, '');
        const lines: string[] = [];
        const programs = await installedPrograms(kind, (line) => lines.push(line));
        expect(programs[0]?.command).to.deep.equal([join(second, name)]);
        expect(programs.map(({ command }) => command[0])).not.to.include(join(first, name));
        expect(lines[0]).to.match(/^not used: .*\d is too old: the shop needs [\d.]+ or later$/);
      });

      it(`reject an old ${name} that ${variable} names, in one sentence`, async () => {
        const path = join(programFolder(name, old), name);
        withVariable(variable, path);
        const message = await installedPrograms(kind, () => undefined).then(String, ({ message }) => message);
        expect(message)
          .to.match(/ is too old: the shop needs [\d.]+ or later$/)
          .and.include(path);
      });
    }
  });
});
