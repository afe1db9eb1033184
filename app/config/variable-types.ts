/** Types of environment variables. Each message says what is allowed and never repeats the value. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { isHashCost } from '../contract/hash-cost.ts';

/** Whole number within bounds. Digits only: `Number` would also read "1e3", "0x10" and " 5 ". */
export const count = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(z.int().min(min).max(max));

export const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((value) => value === 'true');

/** URL with a host and one of the protocols, such as `mysql:`. */
export const urlOf = (...protocols: string[]) =>
  z.string().refine((value) => isUrlOf(value, protocols), {
    error: `must be a URL with ${protocols.join(' or ')}`,
  });

/** `600/60` allows 600 requests in 60 seconds. `off` allows any number. */
export const rateLimit = (byDefault: string) =>
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

const HASHING_ERROR = 'must be argon2id:m=1024..1048576,t=1..16 or scrypt:12..20';

/** Scheme and cost of password hashes. */
export const passwordHashing = z
  .string()
  .regex(/^(argon2id:m=[0-9]{4,7},t=[0-9]{1,2}|scrypt:[0-9]{2})$/, { error: HASHING_ERROR })
  .transform((text) => {
    const [first = 0, second = 0] = (text.match(/(?<=[:=])[0-9]+/g) ?? []).map(Number);
    return text.startsWith('scrypt')
      ? { scheme: 'scrypt' as const, costLog2: first }
      : { scheme: 'argon2id' as const, memoryKib: first, passes: second };
  })
  .refine(isHashCost, { error: HASHING_ERROR });

const PROXIES_ERROR = 'must be 0 to 5, or addresses and subnets separated by commas';

/** Number of trusted proxies, or their addresses and subnets. */
export const proxies = z
  .string()
  .regex(/^[0-5]$|[.:]/, { error: PROXIES_ERROR })
  .transform((value) => (/^[0-5]$/.test(value) ? Number(value) : value.split(',')))
  .refine((value) => typeof value === 'number' || value.every(isSubnet), { error: PROXIES_ERROR });

/** Origins such as `https://shop.example`, separated by commas. */
export const origins = z
  .string()
  .transform((value) => value.split(',').filter((origin) => origin !== ''))
  .refine((all) => all.every((origin) => /^https?:/.test(origin) && URL.parse(origin)?.origin === origin), {
    error: 'must be origins such as https://shop.example, separated by commas',
  });

/** One API key id, or two while a new key replaces the old one. */
export const keyIds = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,128}(,[A-Za-z0-9-]{1,128})?$/, { error: 'must be one or two ids of API keys' })
  .transform((value) => value.split(','));

/** Hosts with their ports, such as `b-1.example:9098,b-2.example:9098`. */
export const hostsAndPorts = z
  .string()
  .transform((value) => value.split(','))
  .refine((all) => all.length <= HOSTS_MAX && all.every(isHostAndPort), {
    error: 'must be hosts with ports such as broker.example:9092, separated by commas',
  });

/** Name of a topic or group, as Kafka allows it. */
export const topicName = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, {
  error: 'must be 1 to 249 letters, digits, dots, hyphens and underscores, and not . or ..',
});

/** One secret key of at least 32 letters and digits, or two while a new key replaces the old one. */
export const originKeys = z
  .string()
  .regex(/^[A-Za-z0-9]{32,128}(,[A-Za-z0-9]{32,128})?$/, {
    error: 'must be one or two keys of 32 to 128 letters and digits',
  })
  .transform((value) => value.split(','));

function isUrlOf(value: string, protocols: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && url.hostname !== '' && protocols.includes(url.protocol);
}

const HOSTS_MAX = 32;
const PORT_MAX = 65_535;

function isHostAndPort(text: string): boolean {
  const [, port] = /^[A-Za-z0-9-][A-Za-z0-9.-]*:([1-9][0-9]{0,4})$/.exec(text) ?? [];
  return port !== undefined && Number(port) <= PORT_MAX;
}

function isSubnet(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const bitsMax = { 4: 32, 6: 128 }[isIP(address)];
  if (bitsMax === undefined || rest.length > 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= bitsMax);
}
