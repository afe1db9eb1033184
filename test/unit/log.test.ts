import { execFile } from 'node:child_process';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { transports } from 'winston';
import { createLog, redact } from '../../app/platform/observe/log.ts';

const CANARY = 'canary-7f3a';
const run = promisify(execFile);

/** Line that the log writes for one call. */
function written(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const log = createLog({ level: 'info', role: 'test', stage: 'unit' });
  log.clear().add(new transports.Stream({ stream }));
  write(log);
  expect(text.split('\n')).to.have.lengthOf(2);
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the log', () => {
  it('writes one JSON object per line with time, level, event and fields', () => {
    const line = written((log) => log.info('order_placed', { orderId: 'x', durationMs: 3 }));
    expect(line).to.include({ level: 'info', event: 'order_placed', role: 'test', stage: 'unit' });
    expect(line).to.include({ orderId: 'x', durationMs: 3 });
    expect(line.ts).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('stays on one line, whatever a field contains', () => {
    const line = written((log) => log.info('event', { text: 'a\nb\u2028c\u0000' }));
    expect(line.text).to.equal('a\nb\u2028c\u0000');
  });

  const secretNames = [
    'password',
    'newPassword',
    'passwordHash',
    'password_hash',
    'token',
    'sessionToken',
    'accessToken',
    'Authorization',
    'COOKIE',
    'set-cookie',
    'Set-Cookie',
    'x-api-key',
    'apiKey',
    'secret',
    'clientSecret',
    'accessKeyId',
    'secretAccessKey',
    'AWS_SECRET_ACCESS_KEY',
    'credentials',
  ];
  for (const name of secretNames) {
    it(`never contains ${name}, however deep`, () => {
      const line = written((log) =>
        log.warn('event', {
          [name]: CANARY,
          list: [{ [name]: CANARY }],
          nested: { deeper: { [name]: { value: CANARY } } },
          error: Object.assign(new Error('failed', { cause: { [name]: CANARY } }), { [name]: CANARY }),
        }),
      );
      expect(JSON.stringify(line)).not.to.include(CANARY);
      expect(line[name]).to.equal('[redacted]');
    });
  }

  it('contains fields whose names merely resemble a secret', () => {
    const fields = { idempotencyKey: 'a', key: 'b', path: '/auth/login', userId: 'c' };
    expect(redact(fields)).to.deep.equal(fields);
  });

  it('contains an error with its causes and without its other properties', () => {
    const cause = Object.assign(new Error('connect failed'), {
      code: 'ECONNREFUSED',
      errno: -111,
      sql: CANARY,
    });
    const shown = redact(new Error('no database', { cause })) as { cause: Record<string, unknown> };
    expect(shown).to.include({ name: 'Error', message: 'no database' });
    expect(shown.cause).to.include({ message: 'connect failed', code: 'ECONNREFUSED', errno: -111 });
    expect(JSON.stringify(shown)).not.to.include(CANARY);
  });

  it('does not contain passwords of URLs', () => {
    const database = `mysql://rowlock:${CANARY}@db.example:3306/shop`;
    const text = `cannot reach ${database} and redis://:${CANARY}@cache:6379/0`;
    const line = written((log) => log.warn('event', { text, error: new Error(text) }));
    expect(JSON.stringify(line)).not.to.include(CANARY);
    expect(line.text).to.equal(
      'cannot reach mysql://[redacted]@db.example:3306/shop and redis://[redacted]@cache:6379/0',
    );
  });

  it('does not contain a password with an @ either', () => {
    const line = written((log) =>
      log.warn('event', { text: `no mysql://rowlock:a@${CANARY}@db.example/shop` }),
    );
    expect(line.text).to.equal('no mysql://[redacted]@db.example/shop');
  });

  it('writes access lines like any other, and none below its level', async () => {
    const logModule = new URL('../../app/platform/observe/log.ts', import.meta.url).href;
    const script = (level: string) => `
      import { createLog, infoLines } from ${JSON.stringify(logModule)};
      const log = createLog({ level: '${level}', role: 'test', stage: 'unit' });
      const fields = { path: 'x://u:${CANARY}@h', token: '${CANARY}', status: 200, code: undefined,
        quoted: 'a"b\\\\n', at: new Date(0), inner: { token: '${CANARY}', none: null, no: NaN } };
      log.info('http_request', fields);
      infoLines(log)('http_request', fields);`;
    const linesAt = async (level: string) => {
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script(level)]);
      return stdout.trim().split('\n').filter(Boolean);
    };
    const [one = '', other = '', ...more] = await linesAt('info');
    const timeless = (line: string) => line.replace(/"ts":"[^"]*"/, '');
    expect(timeless(other)).to.equal(timeless(one)).and.to.include('"status":200').and.not.to.include(CANARY);
    expect(more).to.deep.equal([]);
    expect(await linesAt('warn')).to.deep.equal([]);
  });

  it('truncates deep and circular values, and values that JSON cannot represent', () => {
    const circle: Record<string, unknown> = { count: 10n, bytes: Buffer.from(CANARY), at: new Date(0) };
    circle.itself = circle;
    const text = JSON.stringify(redact(circle));
    expect(text).to.include('"count":"10"').and.to.include('[bytes]').and.to.include('[deep]');
    expect(text.length).to.be.lessThan(2000);
  });
});
