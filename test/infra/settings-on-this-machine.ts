import type { InstanceSettings } from '../../lib/instance/instance-settings.ts';

/** Replaces the servers in the settings with those of this machine. */
export function settingsOnThisMachine(
  settings: InstanceSettings,
  ports: { mysql: number; redis: number; httpPort: number },
): InstanceSettings {
  const json = JSON.stringify(settings)
    .replaceAll(/@[^@:"]+:3306\//g, `@localhost:${ports.mysql}/`)
    // Redis has no TLS here; ElastiCache has a certificate of a public authority.
    .replaceAll(/rediss:\/\/:\{\}@[^@:"]+:6379\//g, `redis://:{}@127.0.0.1:${ports.redis}/`)
    .replaceAll('"HTTP_PORT":"8080"', `"HTTP_PORT":"${ports.httpPort}"`)
    // A queue and a host name that do not exist: readiness needs neither.
    .replaceAll(/"ORDER_EVENTS_QUEUE_URL":"[^"]+"/g, '"ORDER_EVENTS_QUEUE_URL":"http://127.0.0.1:9/queue"');
  return JSON.parse(json) as InstanceSettings;
}
