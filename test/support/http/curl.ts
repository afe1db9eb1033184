/** Replaces curl in printed commands, as far as they need it. A test machine may lack curl. */
import { writeFile } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const RETRIES = 5;
const TIMEOUT_MS = 10_000;

const { values, positionals } = parseArgs({
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    request: { type: 'string', short: 'X' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
    include: { type: 'boolean', short: 'i', default: false },
    /** `-` for standard output, the only target that is needed. */
    'dump-header': { type: 'string', short: 'D' },
    output: { type: 'string', short: 'o' },
    'write-out': { type: 'string', short: 'w', default: '' },
  },
  allowPositionals: true,
});
const headers = values.header.map((line): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
});
const response = await ask(RETRIES);
const body = Buffer.from(await response.arrayBuffer());
const said: Uint8Array[] = [];
if (values.include || values['dump-header'] === '-') {
  const lines = [...response.headers].map(([name, value]) => `${capitalised(name)}: ${value}`);
  const status = `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}`;
  said.push(Buffer.from([status, ...lines, '', ''].join('\r\n')));
}
if (values.output === undefined) said.push(body);
else if (values.output !== '/dev/null') await writeFile(values.output, body);
said.push(Buffer.from(values['write-out'].replaceAll('\\n', '\n')));
process.stdout.write(Buffer.concat(said));

/** A busy machine gets 503 with a Retry-After. It asks again with the same key, as `curl --retry` does. */
async function ask(retries: number): Promise<Response> {
  const reply = await fetch(positionals[0] ?? '', {
    method: values.request ?? (values.data === undefined ? 'GET' : 'POST'),
    headers,
    ...(values.data === undefined ? {} : { body: values.data }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const waitS = Number(reply.headers.get('retry-after'));
  if (reply.status !== 503 || retries === 0 || !(waitS > 0)) return reply;
  await delay(waitS * 1000);
  return ask(retries - 1);
}

/** Capitalised as the shop writes them; `fetch` has them in lower case. */
function capitalised(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
