/** Stands in for curl in printed commands, as far as they need it: -s, -H, -d and a URL. A test machine may lack curl. */
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    silent: { type: 'boolean', short: 's' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
  },
  allowPositionals: true,
});
const headers = values.header.map((line): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
});
const response = await fetch(positionals[0] ?? '', {
  method: values.data === undefined ? 'GET' : 'POST',
  headers,
  ...(values.data === undefined ? {} : { body: values.data }),
  signal: AbortSignal.timeout(10_000),
});
process.stdout.write(await response.text());
