/**
 * `read-settings PROCESS [systemd|node]` runs before a unit or a container starts its process. It writes the
 * process's environment, including secrets, to the runtime directory, which is in memory and disappears with
 * the unit or the pod. Each start reads the passwords that are valid then. The second argument is the reader
 * of the file: systemd, or Node's --env-file.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { keepTrying } from './keep-trying.ts';
import type { InstanceSettings, ProcessName, SecretVariable } from '../instance-settings.ts';
import { eventLine } from './event-line.ts';
import { lineForNode, lineForSystemd } from './environment-line.ts';
import { clientLimits, ownSettings } from './own-settings.ts';

/** Below TimeoutStartSec of the units. */
const SECRETS_UNAVAILABLE_MAX_MS = 120_000;

const [name, reader = 'systemd'] = process.argv.slice(2);
const { RUNTIME_DIRECTORY } = process.env;
if (RUNTIME_DIRECTORY === undefined) throw new Error('RUNTIME_DIRECTORY is not set');
const settings = ownSettings(process.env);
const variables = await environmentOf(settings, name as ProcessName);
const file = join(RUNTIME_DIRECTORY, 'environment');
writeFileSync(`${file}.new`, variables.map(reader === 'node' ? lineForNode : lineForSystemd).join(''), {
  mode: 0o600,
});
renameSync(`${file}.new`, file);

async function environmentOf(
  { region, processes }: InstanceSettings,
  process: ProcessName,
): Promise<[string, string][]> {
  const own = processes[process];
  if (own === undefined) throw new Error(`this instance has no settings for ${process}`);
  const client = new SecretsManagerClient({ region, ...clientLimits });
  const read = async ({ secretArn, template }: SecretVariable): Promise<string> => {
    const { SecretString = '' } = await keepTrying(
      () => client.send(new GetSecretValueCommand({ SecretId: secretArn })),
      {
        forMs: SECRETS_UNAVAILABLE_MAX_MS,
        // Retry rejections as well: a new instance may get its permissions a moment late.
        isTransient: () => true,
        onFailure: (error) => eventLine('secret_not_read', { error }),
      },
    );
    return filled(template, SecretString);
  };
  try {
    const secrets = await Promise.all(
      Object.entries(own.secretVariables).map(
        async ([variable, secret]): Promise<[string, string]> => [variable, await read(secret)],
      ),
    );
    return [...Object.entries(own.variables), ...secrets];
  } finally {
    client.destroy();
  }
}

function filled(template: string, secret: string): string {
  return template.replaceAll(/\{(\w*)\}/g, (_, field: string) => {
    if (field === '') return encodeURIComponent(secret);
    const value = (JSON.parse(secret) as Record<string, unknown>)[field];
    // Name only the missing field: the rest of the secret must not appear in a log.
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`a secret has no ${field}`);
    return encodeURIComponent(value);
  });
}
