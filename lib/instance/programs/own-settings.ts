import { readFileSync } from 'node:fs';
import type { InstanceSettings } from '../instance-settings.ts';

/** The settings that the user data wrote for this instance. Throws if the file is missing or not JSON. */
export function ownSettings(environment: NodeJS.ProcessEnv): InstanceSettings {
  const file = environment['ROWLOCK_SETTINGS'] ?? '/etc/rowlock/settings.json';
  return JSON.parse(readFileSync(file, 'utf8')) as InstanceSettings;
}

/** Limits for every AWS client in these programs, so that each call ends. */
export const clientLimits = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};
