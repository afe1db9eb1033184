import { expect } from 'chai';
import { parseTestOptions } from '../../scripts/test-suites/parse-test-options.ts';

describe('the options of scripts/test', () => {
  it('mean every suite on local servers when there are none', () => {
    expect(parseTestOptions([])).to.deep.equal({
      suites: undefined,
      aws: 'embedded',
      mysql: 'local',
      redis: 'local',
      alsoMysql: false,
      alsoLocalstack: false,
      grep: undefined,
      runs: undefined,
      coverage: false,
      help: false,
    });
  });

  it('choose suites, servers and tests', () => {
    const options = parseTestOptions([
      '--suite=unit,property',
      '--suite=e2e',
      '--mysql=mysql://root@127.0.0.1:3307',
      '--aws=localstack',
      '--redis=valkey',
      '--grep=orders',
      '--runs=50',
    ]);
    expect(options.suites).to.deep.equal(['unit', 'property', 'e2e']);
    expect(options.mysql).to.deep.equal({ url: 'mysql://root@127.0.0.1:3307' });
    expect(options).to.include({ aws: 'localstack', redis: 'valkey', grep: 'orders', runs: 50 });
    expect(parseTestOptions(['--mysql=debian']).mysql).to.equal('debian');
  });

  for (const [argument, reason] of [
    ['--suite=units', 'unit, property'],
    ['--suite=unit,', '--suite= is unknown'],
    ['--aws=moto', 'embedded or localstack'],
    ['--redis=memcached', 'local or valkey'],
    ['--mysql=postgres://127.0.0.1', 'neither debian nor a URL'],
    ['--mysql=sqlite', 'neither debian nor a URL'],
    ['--runs=0', '1 to 999'],
    ['--runs=many', '1 to 999'],
    ['--sutie=unit', '--sutie'],
    ['unit', 'unit'],
  ] as const) {
    it(`refuse ${argument} with a sentence`, () => {
      expect(() => parseTestOptions([argument])).to.throw(reason);
    });
  }
});
