import { expect } from 'chai';
import { environmentNames, parseConfig } from '../../app/config/read-config.ts';
import { roles } from '../../app/contract/roles.ts';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';
import { orderEventsTopic } from '../../app/contract/order-events-topic.ts';

const needed = {
  DATABASE_URL: 'mysql://rowlock:secret@127.0.0.1:3306/shop',
  REDIS_STATE_URL: 'redis://127.0.0.1:6379/0',
  REDIS_CACHE_URL: 'rediss://:secret@cache.example:6379/1',
  ORDER_EVENTS_QUEUE_URL: 'https://sqs.ap-northeast-2.amazonaws.com/1/OrderCompleted',
  IMAGES_BUCKET: 'images',
  IMAGES_BASE_URL: 'https://images.example',
};

/** All settings in one object. */
function read(environment: Readonly<Record<string, string | undefined>>) {
  const { shared, events, shop, api, worker, dataPlatform } = parseConfig(environment, roles);
  if (!shop || !api || !worker || !dataPlatform) throw new Error('a role has no settings');
  return { ...shared, ...events, ...shop, ...api, ...worker, ...dataPlatform };
}

function refusal(change: Readonly<Record<string, string | undefined>>): string {
  try {
    read({ ...needed, ...change });
  } catch (error) {
    return (error as Error).message;
  }
  return 'it was taken';
}

describe('the configuration', () => {
  it('requires six variables and has defaults that are safe for production', () => {
    const config = read(needed);
    expect(config).to.include({
      COOKIE_SECURE: true,
      TRUST_PROXY: 0,
      LOG_LEVEL: 'info',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 3000,
    });
    expect(config.PASSWORD_HASHING).to.deep.equal({ scheme: 'argon2id', memoryKib: 19_456, passes: 2 });
    expect(config.AWS_ENDPOINT_URL).to.equal(undefined);
    expect(config.ALLOWED_ORIGINS).to.deep.equal([]);
    for (const settings of Object.values(parseConfig(needed, roles)))
      expect(Object.isFrozen(settings)).to.equal(true);
  });

  it('names every missing variable', () => {
    for (const name of Object.keys(needed)) expect(refusal({ [name]: undefined })).to.include(name);
    const nothing = Object.fromEntries(Object.keys(needed).map((name) => [name, undefined]));
    for (const name of Object.keys(needed)) expect(refusal(nothing)).to.include(name);
  });

  it('treats an empty variable as unset', () => {
    const others = environmentNames.filter((name) => name !== 'ORIGIN_KEYS');
    const empty = Object.fromEntries(others.map((name) => [name, '']));
    expect(read({ ...empty, ...needed })).to.deep.equal(read(needed));
    for (const name of Object.keys(needed)) expect(refusal({ [name]: '' })).to.include(name);
  });

  it('rejects an empty origin key, which would open the shop to other distributions', () => {
    expect(refusal({ ORIGIN_KEYS: '' })).to.include('ORIGIN_KEYS: must be one or two keys');
  });

  it('reads numbers, flags and lists from text', () => {
    const config = read({
      ...needed,
      HTTP_PORT: '0',
      COOKIE_SECURE: 'false',
      ALLOWED_ORIGINS: 'https://a.example,,https://b.example',
      RELAY_GRACE_MS: '60000',
    });
    expect(config).to.include({ HTTP_PORT: 0, COOKIE_SECURE: false, RELAY_GRACE_MS: 60_000 });
    expect(config.ALLOWED_ORIGINS).to.deep.equal(['https://a.example', 'https://b.example']);
  });

  it('reads trusted proxies as a number of hops or as subnets', () => {
    const trusted = (text: string) => read({ ...needed, TRUST_PROXY: text }).TRUST_PROXY;
    expect(trusted('2')).to.equal(2);
    expect(trusted('10.20.0.0/16,fd00::/8,127.0.0.1')).to.deep.equal([
      '10.20.0.0/16',
      'fd00::/8',
      '127.0.0.1',
    ]);
  });

  it('reads how passwords are hashed', () => {
    const hashing = (text: string) => read({ ...needed, PASSWORD_HASHING: text }).PASSWORD_HASHING;
    expect(hashing('scrypt:17')).to.deep.equal({ scheme: 'scrypt', costLog2: 17 });
    expect(hashing('argon2id:m=47104,t=1')).to.deep.equal({
      scheme: 'argon2id',
      memoryKib: 47_104,
      passes: 1,
    });
  });

  it('reads rate limits as a number per time, or as none', () => {
    expect(read(needed).RATE_LIMIT_USER).to.deep.equal({ max: 600, windowMs: 60_000 });
    expect(read({ ...needed, RATE_LIMIT_USER: '5/2' }).RATE_LIMIT_USER).to.deep.equal({
      max: 5,
      windowMs: 2000,
    });
    expect(read({ ...needed, RATE_LIMIT_USER: 'off' }).RATE_LIMIT_USER).to.equal(undefined);
  });

  const wrong: Readonly<Record<string, readonly string[]>> = {
    HTTP_PORT: [' ', '-1', '65536', '1.5', 'http', '0x50', '1e3', 'Infinity', 'NaN'],
    DATABASE_POOL_MAX: ['0', '65'],
    PASSWORD_HASHING: [
      '17',
      'scrypt:11',
      'scrypt:21',
      'argon2id',
      'argon2id:m=1023,t=2',
      'argon2id:m=1048577,t=2',
      'argon2id:m=19456,t=0',
      'argon2id:m=19456,t=17',
      'argon2d:m=19456,t=2',
    ],
    DRAIN_TIMEOUT_MS: ['99', '120001', '1e9'],
    TRUST_PROXY: [
      '6',
      '-1',
      'true',
      'loopback',
      '10.0.0.0/33',
      '10.0.0.0/',
      '::/129',
      '10.0.0.1,',
      '10.0.0.1/8/8',
    ],
    RATE_LIMIT_USER: ['600', '600/', '/60', '0/60', '600/0', 'on', '600/60/1', '1e3/60', '600 / 60', '-1/60'],
    CACHE_KEYS_MAX: ['0', '1e9', 'many'],
    STOREFRONT_KEY_ID: ['a b', 'x'.repeat(129), 'a,', 'a,b,c'],
    COOKIE_SECURE: ['0', 'FALSE', 'no'],
    LOG_LEVEL: ['trace', 'INFO'],
    STAGE: ['x'.repeat(33)],
    DATABASE_URL: ['shop', 'postgres://a/b', 'http://a', 'mysql:'],
    REDIS_STATE_URL: ['127.0.0.1:6379', 'http://a', 'mysql://a/b'],
    ORDER_EVENTS_QUEUE_URL: ['sqs', 'ftp://a'],
    IMAGES_BUCKET: ['ab', 'x'.repeat(64)],
    ALLOWED_ORIGINS: ['*', 'https://a.example/path', 'a.example', 'null'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    it(`rejects an invalid ${name} by name, without its value`, () => {
      for (const value of values) {
        const message = refusal({ [name]: value });
        expect(message, JSON.stringify(value)).to.include(name);
        if (value.length > 8) expect(message).not.to.include(value);
      }
    });
  }

  it('does not show the secrets of a valid configuration either', () => {
    expect(refusal({ HTTP_PORT: 'x' })).not.to.include('secret');
  });

  it('keeps counted events longer than the queues and the topics keep a message', () => {
    const keptDays = (orderEventsQueue.retentionS + orderEventsQueue.deadLetterRetentionS) / 86_400;
    expect(read(needed).INBOX_RETENTION_DAYS).to.be.greaterThan(keptDays);
    const { retentionS, deadLetterRetentionS } = orderEventsTopic;
    expect(read(needed).INBOX_RETENTION_DAYS).to.be.greaterThan((retentionS + deadLetterRetentionS) / 86_400);
    expect(() => read({ ...needed, INBOX_RETENTION_DAYS: `${keptDays - 1}` })).to.throw(
      'INBOX_RETENTION_DAYS',
    );
  });

  const onKafka = {
    ...needed,
    ORDER_EVENTS_QUEUE_URL: undefined,
    EVENTS: 'kafka',
    KAFKA_BROKERS: 'b-1:9098',
  };
  it('requires the brokers instead of the queue if Kafka carries the events', () => {
    expect(read(onKafka)).to.deep.include({
      EVENTS: 'kafka',
      KAFKA_BROKERS: ['b-1:9098'],
      KAFKA_AUTH: 'none',
      KAFKA_TLS: false,
      KAFKA_TOPIC: orderEventsTopic.name,
      KAFKA_DEAD_LETTER_TOPIC: orderEventsTopic.deadLetterName,
      KAFKA_GROUP: orderEventsTopic.group,
    });
    const without = { ...onKafka, KAFKA_BROKERS: undefined };
    expect(() => read(without)).to.throw(/^configuration is not usable: KAFKA_BROKERS: [^;]*$/);
    expect(read({ ...onKafka, KAFKA_BROKERS: 'a.example:1,b.example:2' })).to.deep.include({
      KAFKA_BROKERS: ['a.example:1', 'b.example:2'],
    });
  });

  const wrongOnKafka: Readonly<Record<string, readonly string[]>> = {
    KAFKA_BROKERS: ['b-1', 'b-1:9098,', 'kafka://b-1:9098', 'b 1:9098', 'b-1:0', 'b-1:65536', '..:9098'],
    KAFKA_AUTH: ['scram', 'IAM'],
    KAFKA_TLS: ['yes'],
    KAFKA_TOPIC: ['order events', 'x'.repeat(250), '.', '..'],
    // Unreadable events would return to their own topic for ever.
    KAFKA_DEAD_LETTER_TOPIC: [orderEventsTopic.name],
  };
  for (const [name, values] of Object.entries(wrongOnKafka)) {
    it(`rejects an invalid ${name} if Kafka carries the events`, () => {
      for (const value of values)
        expect(() => read({ ...onKafka, [name]: value }), value).to.throw(`: ${name}: must be`);
    });
  }

  it('says in one sentence that EVENTS is wrong', () => {
    for (const EVENTS of ['rabbit', 'SQS'])
      expect(() => read({ ...needed, EVENTS })).to.throw(
        /^configuration is not usable: EVENTS: must be sqs or kafka$/,
      );
  });

  it('ignores unknown variables', () => {
    expect(read({ ...needed, HOME: '/root' })).not.to.have.property('HOME');
  });

  it('requires of each role only the variables that it uses', () => {
    const { DATABASE_URL, ORDER_EVENTS_QUEUE_URL, REDIS_STATE_URL, IMAGES_BUCKET } = needed;
    const ofAll = { DATABASE_URL, ORDER_EVENTS_QUEUE_URL };
    expect(parseConfig(ofAll, ['data-platform'])).to.have.keys('shared', 'events', 'dataPlatform');
    expect(parseConfig({ ...ofAll, REDIS_STATE_URL, IMAGES_BUCKET }, ['worker'])).to.have.keys(
      'shared',
      'events',
      'shop',
      'worker',
    );
    expect(() => parseConfig({ ...ofAll, REDIS_STATE_URL, IMAGES_BUCKET }, ['worker', 'api'])).to.throw(
      /REDIS_CACHE_URL.*IMAGES_BASE_URL/,
    );
    expect(() => parseConfig(ofAll, ['worker'])).to.throw(/REDIS_STATE_URL.*IMAGES_BUCKET/);
    // Settings of roles that do not run are not read.
    expect(parseConfig({ ...ofAll, HTTP_PORT: 'x' }, ['data-platform'])).to.have.property('dataPlatform');
  });

  it('lists the names of all its variables', () => {
    expect(environmentNames).to.include.members(Object.keys(needed));
    for (const name of environmentNames) expect(name).to.match(/^[A-Z][A-Z0-9_]*$/);
  });
});
