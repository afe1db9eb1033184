/**
 * Every setting of the app: the name of its environment variable, its bounds and its default. The
 * infrastructure imports the names, so that a renamed variable breaks the type check and not a deployment.
 */
import { isIP } from 'node:net';
import { z } from 'zod';

/** Plain digits: `Number` would read "1e3", "0x10" and " 5 " as well. */
const count = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(z.int().min(min).max(max));
const port = count(0, 65_535);
const urlOf = (...protocols: string[]) =>
  z.string().refine((value) => isUrlOf(value, protocols), {
    error: `must be a URL with ${protocols.join(' or ')}`,
  });
const isUrlOf = (value: string, protocols: readonly string[]): boolean => {
  const url = URL.parse(value);
  return url !== null && url.hostname !== '' && protocols.includes(url.protocol);
};
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** `600/60`: 600 times in 60 seconds. `off`: any number. */
const rateLimit = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .transform((text, context) => {
      const [, max, windowS] = /^([1-9][0-9]{0,8})\/([1-9][0-9]{0,5})$/.exec(text) ?? [];
      if (text === 'off') return undefined;
      if (max !== undefined) return { max: Number(max), windowMs: Number(windowS) * 1000 };
      context.addIssue({ code: 'custom', message: 'must be off, or a number/seconds such as 600/60' });
      return z.NEVER;
    });
const isSubnet = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  const bitsMax = { 4: 32, 6: 128 }[isIP(address)];
  if (bitsMax === undefined || rest.length > 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= bitsMax);
};

const environmentSchema = z.object({
  /** Deployment stage; a dimension of metrics and part of every log line. */
  STAGE: z.string().min(1).max(32).default('local'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),

  HTTP_HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free port, which the `http_listening` log line names. */
  HTTP_PORT: port.default(3000),
  /**
   * Whose entries of X-Forwarded-For are believed: a number of proxies in front, or their addresses and subnets,
   * separated by commas. With 0 the header says nothing.
   */
  TRUST_PROXY: z
    .string()
    .regex(/^[0-5]$|[.:]/, { error: 'must be 0 to 5, or addresses and subnets separated by commas' })
    .transform((value) => (/^[0-5]$/.test(value) ? Number(value) : value.split(',')))
    .refine((value) => typeof value === 'number' || value.every(isSubnet), {
      error: 'must be 0 to 5, or addresses and subnets separated by commas',
    })
    .default(0),
  /**
   * Behind the REST API of lib/: the id of the key that CloudFront sends, or two, separated by a comma, while one takes the
   * other's place. See http/access/client-address.ts.
   */
  STOREFRONT_KEY_ID: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,128}(,[A-Za-z0-9-]{1,128})?$/, { error: 'must be one or two ids of API keys' })
    .transform((value) => value.split(','))
    .optional(),
  /** Requests with a session, by user: ten a second for a minute are more than a person does. */
  RATE_LIMIT_USER: rateLimit('600/60'),
  /** Requests without one, by address, which may be that of a whole office. */
  RATE_LIMIT_ADDRESS: rateLimit('1200/60'),
  /** Sign-ups and log-ins, by address. One process does about 150 a minute, of all addresses together. */
  RATE_LIMIT_AUTH: rateLimit('60/60'),
  /** Failed log-ins, by account and address together, */
  LOGIN_FAILURES_PAIR: rateLimit('10/900'),
  /** by address, whatever the account, */
  LOGIN_FAILURES_ADDRESS: rateLimit('100/900'),
  /** and by account, from addresses that nobody has logged in from to it in 30 days. */
  LOGIN_FAILURES_ACCOUNT: rateLimit('100/3600'),
  /** Carts that guests begin, by address: each is in the memory of Redis for a week, which may not fill. */
  RATE_LIMIT_GUEST_CARTS: rateLimit('600/3600'),
  /** `GET /status`, by address. */
  RATE_LIMIT_STATUS: rateLimit('60/60'),
  /** Origins, besides the one of the request itself, whose pages may use a session cookie. Comma separated. */
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((value) => value.split(',').filter((origin) => origin !== ''))
    .refine(
      (origins) => origins.every((origin) => /^https?:/.test(origin) && URL.parse(origin)?.origin === origin),
      {
        error: 'must be origins such as https://shop.example, separated by commas',
      },
    ),
  /** Off only on loopback HTTP, where a browser would refuse a Secure cookie. */
  COOKIE_SECURE: flag.default(true),
  /** Longest drain after SIGTERM before the process ends regardless. */
  DRAIN_TIMEOUT_MS: count(100, 120_000).default(25_000),

  DATABASE_URL: urlOf('mysql:'),
  /** A read replica for catalogue reads; the writer where it is not given. */
  DATABASE_REPLICA_URL: urlOf('mysql:').optional(),
  /** Name or ARN of the secret with the login of both URLs: read when the database refuses what they hold. */
  DATABASE_SECRET_ID: z.string().min(1).optional(),
  DATABASE_POOL_MAX: count(1, 64).default(8),
  REDIS_STATE_URL: urlOf('redis:', 'rediss:'),
  REDIS_CACHE_URL: urlOf('redis:', 'rediss:'),
  /** What caps the bytes of the cache where it shares a node with the state: no new counter beyond this many keys. */
  CACHE_KEYS_MAX: count(1, 100_000_000).optional(),

  AWS_REGION: z.string().min(1).default('ap-northeast-2'),
  /** LocalStack or the embedded server; AWS itself where it is not given. */
  AWS_ENDPOINT_URL: urlOf('http:', 'https:').optional(),
  ORDER_EVENTS_QUEUE_URL: urlOf('http:', 'https:'),
  IMAGES_BUCKET: z.string().min(3).max(63),
  /** What an object key of a public image is appended to, without a slash at its end. */
  IMAGES_BASE_URL: urlOf('http:', 'https:'),

  /** A customer's session ends after this long without a request: 30 days, */
  SESSION_IDLE_S: count(1, 31_536_000).default(2_592_000),
  /** and after this long in any case: a year. Browsers keep a cookie for 400 days at most. */
  SESSION_TTL_MAX_S: count(1, 34_560_000).default(31_536_000),
  /** An admin's session ends after this long without a request: 30 minutes, */
  ADMIN_SESSION_IDLE_S: count(1, 86_400).default(1800),
  /** and after this long in any case: 7 days. */
  ADMIN_SESSION_TTL_MAX_S: count(1, 31_536_000).default(604_800),
  /** log2 of scrypt's N. 17 is OWASP's figure and costs 0.4 s of a core; tests take less. */
  PASSWORD_COST_LOG2: count(12, 20).default(17),
  /** Password hashes at once, each with 128 MB at the default cost; as many as cores, up to 8, where it is not given. */
  PASSWORD_THREADS_MAX: count(1, 64).optional(),
  /** How long after an order its customer may cancel it; admins may later too. */
  ORDER_CANCEL_WINDOW_S: count(0, 31_536_000).default(604_800),
  /** Orders that share one transaction at most. */
  ORDER_GROUP_MAX: count(1, 256).default(128),
  /** Orders that may wait for the transaction under way; the next one is turned away with 503. */
  ORDER_QUEUE_MAX: count(1, 100_000).default(1000),
  /** An order that has waited longer for its turn is turned away. */
  ORDER_WAIT_MAX_MS: count(10, 5000).default(1000),
  /** Transactions of orders at once. One is right for a hot product; two spread a wide load a little. */
  ORDER_LANES: count(1, 2).default(1),

  /** Path of an empty file that the data platform creates once it has taken events from the queue, or found none. */
  READY_FILE: z.string().min(1).optional(),
  /**
   * Share of successful reads that get a line in the log, in percent. Whatever writes, is refused, fails or is slow always
   * gets one.
   */
  ACCESS_LOG_PERCENT: count(0, 100).default(100),
  /** How often a line of metrics is written; 0 turns them off. */
  METRICS_EVERY_MS: count(0, 600_000).default(10_000),

  /** An outbox row that nobody has published for this long is picked up by the relay. */
  RELAY_GRACE_MS: count(0, 60_000).default(5000),
  RELAY_POLL_MS: count(10, 60_000).default(250),
  /** How long a claimed outbox row belongs to the relay that claimed it. */
  RELAY_LEASE_MS: count(100, 600_000).default(30_000),

  /** How often the counters of coupons are set to what the database says; the fleet does it once. */
  COUPON_RECONCILE_EVERY_MS: count(100, 3_600_000).default(5000),

  /** A presigned upload is good for this long. */
  IMAGE_UPLOAD_TTL_S: count(1, 3600).default(300),
  /** An upload that nobody has completed, or that was refused, is forgotten after this long. */
  IMAGE_UPLOAD_KEPT_MS: count(100, 604_800_000).default(86_400_000),
  /** How often the workers look for those; one of them does it. */
  IMAGE_SWEEP_EVERY_MS: count(100, 86_400_000).default(600_000),
  /** Images that a worker makes variants of at once; each takes a core and up to 400 MB while it lasts. */
  IMAGE_LANES: count(1, 4).default(1),
  IMAGE_POLL_MS: count(10, 60_000).default(500),
  /** An image whose worker has died is given to another one after this long. */
  IMAGE_LEASE_MS: count(500, 600_000).default(60_000),

  /** How often the list of products is compared with the products; the fleet does it once. */
  LISTING_RECONCILE_EVERY_MS: count(100, 86_400_000).default(300_000),

  /** An event is remembered as counted for this long: no message may come again later. Two queues keep one for 28 days. */
  INBOX_KEPT_DAYS: count(28, 3650).default(35),
  /** How often older ones are removed; one of the data platform's processes does it. */
  INBOX_PURGE_EVERY_MS: count(100, 86_400_000).default(3_600_000),

  /** An event that is neither in the outbox nor counted after this long is lost: longer than a queue is ever behind. */
  AUDIT_EVENTS_LATE_MS: count(0, 86_400_000).default(900_000),
  /** How often the workers audit what has been written since; 0 turns it off. One of them does it. */
  AUDIT_EVERY_MS: count(0, 86_400_000).default(60_000),
  /** How often they look at every row instead. */
  AUDIT_FULL_EVERY_MS: count(1000, 604_800_000).default(86_400_000),
});

type Environment = z.infer<typeof environmentSchema>;

/** The names of all variables that the app reads. */
export const environmentNames = Object.keys(environmentSchema.shape) as readonly (keyof Environment)[];

export type Config = Readonly<Environment>;

/** Drops empty variables: they count as unset, or `HTTP_HOST=` would mean every interface. */
export function withoutEmpty(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

/**
 * Reads the settings. Throws an Error that names every wrong or missing variable, never their values, which
 * may be secrets.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  return parse(environmentSchema, environment);
}

const auditCommandSchema = environmentSchema.pick({
  STAGE: true,
  AWS_REGION: true,
  DATABASE_URL: true,
  DATABASE_SECRET_ID: true,
});
const adminCommandSchema = auditCommandSchema.extend(
  environmentSchema.pick({ PASSWORD_COST_LOG2: true }).shape,
);

/** The settings that `main.ts audit` needs: an operator's shell has no queue and no bucket. Throws like parseConfig. */
export function parseAuditConfig(
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<typeof auditCommandSchema> {
  return parse(auditCommandSchema, environment);
}

/** The settings that `main.ts admin` needs. Throws like parseConfig. */
export function parseAdminConfig(
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<typeof adminCommandSchema> {
  return parse(adminCommandSchema, environment);
}

function parse<Schema extends z.ZodType<object>>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<z.infer<Schema>> {
  const result = schema.safeParse(withoutEmpty(environment));
  if (result.success) return Object.freeze(result.data);
  const reasons = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`configuration is not usable: ${reasons.join('; ')}`);
}
