import { readFileSync } from 'node:fs';
import type { InstanceSettings } from '../instance-settings.ts';

/** What the user data wrote for this instance. Throws when it is not there or not JSON. */
export function ownSettings(environment: NodeJS.ProcessEnv): InstanceSettings {
  const file = environment['ROWLOCK_SETTINGS'] ?? '/etc/rowlock/settings.json';
  return JSON.parse(readFileSync(file, 'utf8')) as InstanceSettings;
}

/** For every client of AWS in these programs: a call ends, whatever happens. */
export const clientLimits = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};
