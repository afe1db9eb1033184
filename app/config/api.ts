/** Settings of the role api, besides the shared ones. */
import { z } from 'zod';
import {
  count,
  flag,
  keyIds,
  originKeys,
  origins,
  passwordHashing,
  proxies,
  rateLimit,
  urlOf,
} from './variable-types.ts';

/** What hashing a password costs; the command `admin` needs it as well. */
export const passwordVariables = z.object({
  /**
   * `argon2id:m=KIB,t=PASSES`, or `scrypt:LOG2N` as in 0.1.0. The default is one of OWASP's and costs 19 MB
   * and 20 ms of a core; tests use less. Passwords of another cost are hashed again at log-in.
   */
  PASSWORD_HASHING: passwordHashing.prefault('argon2id:m=19456,t=2'),
});

export const apiVariables = z.object({
  ...passwordVariables.shape,
  HTTP_HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free port, which the `http_listening` log line names. */
  HTTP_PORT: count(0, 65_535).default(3000),
  /**
   * Proxies whose X-Forwarded-For entries are trusted: how many stand in front, or their addresses and
   * subnets. 0 ignores the header.
   */
  TRUST_PROXY: proxies.default(0),
  /**
   * Behind the REST API of lib/: id of the API key that CloudFront sends. See http/access/client-address.ts.
   */
  STOREFRONT_KEY_ID: keyIds.optional(),
  /**
   * Behind the public balancer of the cluster: the key that CloudFront sends with every request, or two while
   * a new one replaces it. Requests without it get 403.
   */
  ORIGIN_KEYS: originKeys.optional(),
  /** Origins besides the request's own whose pages may use a session cookie. */
  ALLOWED_ORIGINS: origins.prefault(''),
  /** Turn off only on loopback HTTP, where a browser would reject a Secure cookie. */
  COOKIE_SECURE: flag.default(true),
  /**
   * Share of successful reads that get a log line, in percent. Writes, rejected, failed and slow requests are
   * always logged.
   */
  ACCESS_LOG_PERCENT: count(0, 100).default(100),

  /** Requests with a session, per user. Ten a second for a minute exceed what a person does. */
  RATE_LIMIT_USER: rateLimit('600/60'),
  /** Requests without a session, per address. One address may be a whole office. */
  RATE_LIMIT_ADDRESS: rateLimit('1200/60'),
  /** Sign-ups and log-ins, per address. A core hashes about 50 passwords a second. */
  RATE_LIMIT_AUTH: rateLimit('60/60'),
  /** Failed log-ins per account and address. */
  LOGIN_FAILURES_PAIR: rateLimit('10/900'),
  /** Failed log-ins per address, for any account. */
  LOGIN_FAILURES_ADDRESS: rateLimit('100/900'),
  /** Failed log-ins per account, from addresses without a log-in to it in the last 30 days. */
  LOGIN_FAILURES_ACCOUNT: rateLimit('100/3600'),
  /** New guest carts per address. Each stays in Redis for a week, so they must not fill its memory. */
  RATE_LIMIT_GUEST_CARTS: rateLimit('600/3600'),
  /** `GET /status`, per address. */
  RATE_LIMIT_STATUS: rateLimit('60/60'),

  REDIS_CACHE_URL: urlOf('redis:', 'rediss:'),
  /**
   * Most rate-limit counters in a cache that shares its node with the state, so that counters cannot fill it.
   */
  CACHE_KEYS_MAX: count(1, 100_000_000).optional(),
  /** Prefix of public image URLs, without a trailing slash. */
  IMAGES_BASE_URL: urlOf('http:', 'https:'),
  /**
   * Folder of the built pages of shop and console. Unset means the folder `pages` beside the program, as in
   * the bundle; without that folder there are no pages.
   */
  PAGES_DIR: z.string().optional(),
  /** Lifetime of a presigned upload. */
  IMAGE_UPLOAD_TTL_S: count(1, 3600).default(300),

  /** A customer's session expires after this long without a request: 30 days. */
  SESSION_IDLE_S: count(1, 31_536_000).default(2_592_000),
  /**
   * A customer's session expires after this long in any case: a year. Browsers keep a cookie for at most 400
   * days.
   */
  SESSION_TTL_MAX_S: count(1, 34_560_000).default(31_536_000),
  /** An admin's session expires after this long without a request: 30 minutes. */
  ADMIN_SESSION_IDLE_S: count(1, 86_400).default(1800),
  /** An admin's session expires after this long in any case: 7 days. */
  ADMIN_SESSION_TTL_MAX_S: count(1, 31_536_000).default(604_800),
  /**
   * Concurrent password hashes, each with the memory that it costs; unset means one per core, at most 8.
   */
  PASSWORD_THREADS_MAX: count(1, 64).optional(),

  /** Whether operators may start sales to a made-up crowd. ./scripts/up, which runs them, sets it. */
  DEMO_SALES: flag.default(false),

  /** How long customers may cancel an order; admins may cancel later too. */
  ORDER_CANCEL_WINDOW_S: count(0, 31_536_000).default(604_800),
  /** Most orders that share one transaction. */
  ORDER_GROUP_MAX: count(1, 256).default(128),
  /** Most orders that wait, which bounds the memory; further orders are shed with 503. */
  ORDER_QUEUE_MAX: count(1, 100_000).default(10_000),
  /**
   * Orders that have waited longer than this are shed, and at once those that would. A queue that lasts
   * longer is kept to a third of it.
   */
  ORDER_WAIT_MAX_MS: count(10, 5000).default(1500),
  /**
   * Concurrent order transactions. One is right for a hot product; two help a little when orders spread
   * widely.
   */
  ORDER_LANES: count(1, 2).default(1),
  /**
   * Directory of a socket by which the API processes of one shop on one machine share a lane: one of them
   * executes the orders of all. Only their user may enter it; it is made with mode 0700 if missing. Unset
   * means that each process executes its own, as a single one does anyway. A socket's path is short, hence
   * the limit.
   */
  ORDER_LANE_DIR: z.string().startsWith('/').max(64).optional(),
  /** The relay publishes an outbox row once it is this old, unless the API has published it. */
  RELAY_GRACE_MS: count(0, 60_000).default(5000),
});

export type ApiConfig = Readonly<z.infer<typeof apiVariables>>;
