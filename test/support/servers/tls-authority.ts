import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TlsAuthority {
  /** PEM of the authority. */
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Creates a certificate authority for one test and a certificate of these names, both valid for a day. */
export function tlsAuthority(directory: string, names: readonly string[] = ['DNS:localhost']): TlsAuthority {
  const file = (name: string) => join(directory, name);
  const openssl = (command: string) =>
    execFileSync('openssl', command.split(' '), {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 20_000,
    });
  openssl('req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=rowlock-test -keyout ca.key -out ca.pem');
  openssl('req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr');
  writeFileSync(file('server.ext'), `subjectAltName=${names.join(',')}\n`);
  openssl(
    'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile server.ext ' +
      '-out server.pem',
  );
  // The database may run under another user than the test.
  chmodSync(file('server.key'), 0o644);
  return {
    authorityFile: file('ca.pem'),
    certificateFile: file('server.pem'),
    keyFile: file('server.key'),
  };
}
