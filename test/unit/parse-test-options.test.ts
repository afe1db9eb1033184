import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseTestOptions } from '../../scripts/test-suites/parse-test-options.ts';

describe('the options of scripts/test', () => {
  it('default to every suite on local servers', () => {
    expect(parseTestOptions([])).to.deep.equal({
      files: [],
      keep: false,
      stop: false,
      watch: false,
      inspect: false,
      suites: undefined,
      aws: 'embedded',
      mysql: 'local',
      redis: 'local',
      events: 'sqs',
      alsoKafka: false,
      alsoMysql: false,
      alsoLocalstack: false,
      grep: undefined,
      runs: undefined,
      coverage: false,
      help: false,
    });
  });

  it('select suites, servers and tests', () => {
    const options = parseTestOptions([
      '--suite=unit,property',
      '--suite=e2e',
      '--mysql=mysql://root@127.0.0.1:3307',
      '--aws=localstack',
      '--redis=valkey',
      '--events=kafka',
      '--grep=orders',
      '--runs=50',
    ]);
    expect(options.suites).to.deep.equal(['unit', 'property', 'e2e']);
    expect(options.mysql).to.deep.equal({ url: 'mysql://root@127.0.0.1:3307' });
    expect(options).to.include({
      aws: 'localstack',
      redis: 'valkey',
      events: 'kafka',
      grep: 'orders',
      runs: 50,
    });
    expect(parseTestOptions(['--mysql=debian']).mysql).to.equal('debian');
  });

  it('select test files, relative or absolute, whole or at a line', () => {
    const absolute = fileURLToPath(new URL('uuid.test.ts', import.meta.url));
    const { files } = parseTestOptions([
      './test/e2e/sell-out.test.ts:31',
      absolute,
      `${absolute}:7`,
      '--keep',
    ]);
    expect(files).to.deep.equal([
      { suite: 'e2e', path: 'test/e2e/sell-out.test.ts', line: 31 },
      { suite: 'unit', path: 'test/unit/uuid.test.ts', line: undefined },
      { suite: 'unit', path: 'test/unit/uuid.test.ts', line: 7 },
    ]);
  });

  for (const [argument, reason] of [
    ['--suite=units', 'unit, property'],
    ['--suite=unit,', '--suite= is unknown'],
    ['--events=rabbit', 'use sqs or kafka'],
    ['--aws=moto', 'embedded or localstack'],
    ['--redis=memcached', 'local or valkey'],
    ['--mysql=postgres://127.0.0.1', 'neither debian nor a URL'],
    ['--mysql=sqlite', 'neither debian nor a URL'],
    ['--runs=0', '1 to 999'],
    ['--runs=many', '1 to 999'],
    ['--sutie=unit', '--sutie'],
    ['unit', 'unit is not a test file'],
    ['test/unit', 'not a test file'],
    ['test/support/until.ts', 'not a test file'],
    ['test/fuzz/run.test.ts', 'not a test file'],
    ['../test/unit/uuid.test.ts', 'not a test file'],
    ['test/unit/uuid.test.ts:0', 'counted from 1'],
    ['test/unit/uuid.test.ts --suite=unit', 'exclude each other'],
    ['test/unit/uuid.test.ts:3 --grep=x', 'exclude each other'],
    ['--keep --aws=localstack', 'does not keep a LocalStack'],
    ['--watch --coverage', 'exclude each other'],
  ] as const) {
    it(`reject ${argument} with one sentence`, () => {
      expect(() => parseTestOptions(argument.split(' '))).to.throw(reason);
    });
  }
});
