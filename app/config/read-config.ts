/** Reads settings from the environment. A process asks for the settings of its roles and for no others. */
import { z } from 'zod';
import type { Role } from '../contract/roles.ts';
import { type ApiConfig, apiVariables, passwordVariables } from './api.ts';
import { type DataPlatformConfig, dataPlatformVariables } from './data-platform.ts';
import { type EventsConfig, eventsShape, eventsVariables } from './events.ts';
import { type SharedConfig, sharedVariables } from './shared.ts';
import { type ShopConfig, shopVariables } from './shop.ts';
import { type WorkerConfig, workerVariables } from './worker.ts';

export interface Config {
  readonly shared: SharedConfig;
  readonly events: EventsConfig;
  /** Present with the role api or worker. */
  readonly shop?: ShopConfig;
  readonly api?: ApiConfig;
  readonly worker?: WorkerConfig;
  readonly dataPlatform?: DataPlatformConfig;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const allVariables = {
  ...sharedVariables.shape,
  ...eventsShape,
  ...shopVariables.shape,
  ...apiVariables.shape,
  ...workerVariables.shape,
  ...dataPlatformVariables.shape,
};

/** Names of all variables that any role reads. */
export const environmentNames = Object.keys(allVariables) as readonly EnvironmentName[];

/** Lets the compiler reject a name that no role reads. */
export type EnvironmentName = keyof typeof allVariables;

/** Variables that guard something when they are set. Empty, they are rejected: a secret got lost. */
const GUARDS: ReadonlySet<string> = new Set(['ORIGIN_KEYS']);

/** Drops empty variables: they count as unset, or `HTTP_HOST=` would mean every interface. */
export function withoutEmpty(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== '' || GUARDS.has(name)),
  );
}

/**
 * The settings of these roles. Throws an Error that names every wrong or missing variable, never their
 * values, which may be secrets.
 */
export function parseConfig(environment: Environment, roles: readonly Role[]): Config {
  const schemas = { ...schemasOf(roles), events: eventsVariables };
  const given = withoutEmpty(environment);
  given.EVENTS ??= 'sqs';
  const givenToEach = Object.fromEntries(Object.keys(schemas).map((part) => [part, given]));
  const config = parse(z.object(schemas), givenToEach) as unknown as Config;
  for (const settings of Object.values(config)) Object.freeze(settings);
  return config;
}

const seedVariables = sharedVariables.extend(shopVariables.shape).extend(passwordVariables.shape);

/** Names of the variables that a process with these roles reads. */
export function variableNames(roles: readonly Role[]): string[] {
  const schemas = Object.values(schemasOf(roles));
  return [...schemas.flatMap((schema) => Object.keys(schema.shape)), ...Object.keys(eventsShape)];
}

/** Why a process with this role rejects a value of this variable; undefined if it accepts the value. */
export function variableFault(role: Role, name: string, value: string): string | undefined {
  const variable = Object.values(schemasOf([role])).find(({ shape }) => Object.hasOwn(shape, name))?.shape[
    name
  ] as z.ZodType | undefined;
  if (variable === undefined) return `is no variable of ${role}`;
  return variable
    .safeParse(value)
    .error?.issues.map(({ message }) => message)
    .join(', ');
}

function schemasOf(roles: readonly Role[]): Record<string, z.ZodObject> {
  const isShop = roles.includes('api') || roles.includes('worker');
  return {
    shared: sharedVariables,
    ...(isShop ? { shop: shopVariables } : {}),
    ...(roles.includes('api') ? { api: apiVariables } : {}),
    ...(roles.includes('worker') ? { worker: workerVariables } : {}),
    ...(roles.includes('data-platform') ? { dataPlatform: dataPlatformVariables } : {}),
  };
}

export type SeedConfig = Readonly<z.infer<typeof seedVariables>>;

/** The settings of `scripts/seed`, which writes accounts, products and images. Throws like parseConfig. */
export function parseSeedConfig(environment: Environment): SeedConfig {
  return parse(seedVariables, withoutEmpty(environment));
}

const auditCommandVariables = sharedVariables.pick({
  STAGE: true,
  AWS_REGION: true,
  DATABASE_URL: true,
  DATABASE_SECRET_ID: true,
});
const adminCommandVariables = auditCommandVariables.extend(passwordVariables.shape);

/**
 * The settings of `main.ts audit`: an operator's shell has no queue and no bucket. Throws like parseConfig.
 */
export function parseAuditConfig(environment: Environment) {
  return parse(auditCommandVariables, withoutEmpty(environment));
}

/** The settings of `main.ts admin`. Throws like parseConfig. */
export function parseAdminConfig(environment: Environment) {
  return parse(adminCommandVariables, withoutEmpty(environment));
}

/** The settings of `main.ts redrive`: it needs no database and no bucket. Throws like parseConfig. */
export function parseRedriveConfig(environment: Environment) {
  const given = withoutEmpty(environment);
  given.EVENTS ??= 'sqs';
  const shared = sharedVariables.pick({ STAGE: true, AWS_REGION: true, AWS_ENDPOINT_URL: true });
  return parse(z.object({ shared, events: eventsVariables }), { shared: given, events: given });
}

/** What Zod says of a missing value. */
const NOT_SET = /^Invalid input: expected \w+, received undefined$/;

function parse<Schema extends z.ZodType<object>>(schema: Schema, values: unknown): Readonly<z.infer<Schema>> {
  const result = schema.safeParse(values);
  if (result.success) return Object.freeze(result.data);
  const reasons = result.error.issues.map(
    ({ path, message }) => `${path.at(-1)?.toString()}: ${message.replace(NOT_SET, 'is not set')}`,
  );
  throw new Error(`configuration is not usable: ${reasons.join('; ')}`);
}
