import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDockerAnswering, removeComposeProject } from '../../localstack/processes/compose-service.ts';
import { stopLeftover } from '../../localstack/processes/stop-leftover.ts';
import { shopPaths } from './shop-paths.ts';
import { stopLeftoverRoles } from './start-roles.ts';

/**
 * Deletes what the shop stored: databases, queues, images and logs, but no downloads. The shop must not be
 * running.
 */
export async function resetShop(log: (line: string) => void): Promise<void> {
  await stopLeftoverRoles(log);
  const pidFiles = ['mysql/mysql', 'redis/redis', 'aws/embedded', 'aws/localstack'];
  await Promise.all(pidFiles.map((name) => stopLeftover(join(shopPaths.data, `${name}.pid.json`))));
  if (await isDockerAnswering()) await removeComposeProject(join(shopPaths.data, 'mysql'));
  await rm(shopPaths.data, { recursive: true, force: true });
  await rm(shopPaths.environment, { force: true });
  await rm(shopPaths.logs, { recursive: true, force: true });
  log('deleted the data of the shop (.local/data, .local/logs)');
}
