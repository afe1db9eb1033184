import { expect } from 'chai';
import { parseUpOptions } from '../../scripts/shop/parse-up-options.ts';

describe('the options of scripts/up', () => {
  it('default to port 3000 and kept data', () => {
    const none = {
      aws: undefined,
      provision: 'calls',
      events: 'sqs',
      reset: false,
      dev: false,
      help: false,
      port: 3000,
    };
    expect(parseUpOptions([], {})).to.deep.equal(none);
    expect(parseUpOptions([], { HTTP_PORT: '' })).to.deep.equal(none);
  });

  it('prefer --port to HTTP_PORT', () => {
    expect(parseUpOptions([], { HTTP_PORT: '8080' }).port).to.equal(8080);
    expect(parseUpOptions(['--port', '0'], { HTTP_PORT: '8080' }).port).to.equal(0);
    expect(parseUpOptions(['--port=65535'], {}).port).to.equal(65_535);
  });

  it('select the emulator and an empty shop', () => {
    expect(parseUpOptions(['--dev'], {})).to.deep.equal({ ...parseUpOptions([], {}), dev: true });
    expect(parseUpOptions(['--aws=localstack', '--reset'], {})).to.include({
      aws: 'localstack',
      reset: true,
    });
    expect(parseUpOptions(['--events=kafka'], {}).events).to.equal('kafka');
    expect(parseUpOptions([], { EVENTS: 'kafka' }).events).to.equal('kafka');
    expect(() => parseUpOptions([], { EVENTS: 'rabbit' })).to.throw('EVENTS must be sqs or kafka');
    expect(parseUpOptions(['-h'], {}).help).to.equal(true);
  });

  for (const [args, httpPort, reason] of [
    [['--port=65536'], '', '--port must be a port from 0 to 65535, not "65536"'],
    [['--port=80a'], '', '--port must be a port'],
    [['--port='], '', '--port must be a port'],
    [[], 'http', 'HTTP_PORT must be a port from 0 to 65535, not "http"'],
    [['--aws=moto'], '', '--aws must be embedded or localstack, not "moto"'],
    [['--events=rabbit'], '', '--events must be sqs or kafka, not "rabbit"'],
    [['--provision=cdk'], '', '--provision=cdk needs --aws=localstack'],
    [['--provision=hand', '--aws=localstack'], '', '--provision must be cdk or calls, not "hand"'],
    [['--rest'], '', '--rest'],
    [['now'], '', 'now'],
  ] as const)
    it(`reject ${args.join(' ')} with HTTP_PORT=${httpPort}`, () => {
      expect(() => parseUpOptions(args, { HTTP_PORT: httpPort })).to.throw(reason);
    });
});
