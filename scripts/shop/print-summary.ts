import { relative } from 'node:path';
import { elapsedS } from './progress.ts';
import { shopPaths } from './shop-paths.ts';
import { inspectPorts } from './start-roles.ts';

export interface DemoAccount {
  readonly role: string;
  readonly email: string;
  readonly password: string;
}

export interface SummaryOptions {
  readonly apiUrl: string;
  readonly serverLines: readonly string[];
  readonly accounts: readonly DemoAccount[];
  /** The roles restart on change and can be debugged. */
  readonly dev: boolean;
}

/** Prints what runs, where to look, the demo accounts and three commands to try. */
export async function printSummary(options: SummaryOptions): Promise<void> {
  const { apiUrl, accounts } = options;
  const customer = accounts.find((account) => account.role === 'customer');
  const productId = (await firstProductId(apiUrl)) ?? 'PRODUCT_ID';
  const logs = relative(process.cwd(), shopPaths.logs) || shopPaths.logs;
  const lines = [
    '',
    `The shop is open after ${elapsedS()} s.`,
    '',
    'What runs',
    ...options.serverLines.map((line) => `  ${line}`),
    `  API, worker and data platform: child processes of this script; logs in ${logs}/`,
    ...(options.dev ? devLines(logs) : []),
    '',
    'Where to look',
    `  ${apiUrl}/shop/      the shop, for customers`,
    `  ${apiUrl}/console/   the console, for operators`,
    `  ${apiUrl}/docs       API documentation`,
    `  ${apiUrl}/status     state of its dependencies`,
    '',
    'Who can log in',
    ...accounts.map((account) => `  ${account.role.padEnd(9)} ${account.email}  ${account.password}`),
    '',
    'Three commands to try',
    ...curlLines(apiUrl, productId, customer).map((line) => `  ${line}`),
    '',
    'Ctrl-C stops everything; the data stays for the next ./scripts/up.',
  ];
  console.log(lines.join('\n'));
}

function devLines(logs: string): string[] {
  const ports = Object.entries(inspectPorts).map(([role, port]) => `${role} ${port}`);
  return [
    '  Each restarts when a file in app/ changes.',
    `  Debuggers attach on 127.0.0.1: ${ports.join(', ')}`,
    `  tail -f ${logs}/api.log`,
  ];
}

function curlLines(apiUrl: string, productId: string, customer: DemoAccount | undefined): string[] {
  const login = JSON.stringify({
    email: customer?.email ?? 'EMAIL',
    password: customer?.password ?? 'PASSWORD',
  });
  const order = JSON.stringify({ items: [{ productId, quantity: 1 }] });
  const token = `sed -E 's/.*"token":"([^"]+)".*/\\1/'`;
  return [
    `TOKEN=$(curl -s ${apiUrl}/auth/login -H 'content-type: application/json' -d '${login}' | ${token})`,
    `curl -s '${apiUrl}/products?limit=3'`,
    `curl -s ${apiUrl}/orders -H "authorization: Bearer $TOKEN" -H "idempotency-key: $(date +%s)" ` +
      `-H 'content-type: application/json' -d '${order}'`,
  ];
}

/** Id of the first product in the catalogue; the seed puts it in stock. */
async function firstProductId(apiUrl: string): Promise<string | undefined> {
  const answer = await fetch(`${apiUrl}/products?limit=1`, { signal: AbortSignal.timeout(3_000) }).then(
    (response) => response.text(),
    () => '',
  );
  return /"id":"([^"]+)"/.exec(answer)?.[1];
}
