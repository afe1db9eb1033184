/** `npm run contract`: compares the API with that of the last release. See usage. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../run-command.ts';
import { asyncApiDocument } from '../../app/events/async-api.ts';
import { nameSchemas } from '../../app/http/contract/name-schemas.ts';
import { writeClientTypes } from './client-types.ts';
import { operationsText } from './operations-text.ts';
import { compareContracts, type ContractDocument, contractLines } from './contract-lines.ts';
import { openApiOfRelease } from './openapi-of-release.ts';

const usage = `usage: npm run contract [-- --record] [-- --events] [-- --types] [-- --openapi FILE]

Shows what the API has gained and lost since the last release, whose contract is docs/api/released.txt. Exits
with 1 if an operation, a field, a value or a problem code is gone, or a known field has become required.

  --record        write today's contract to docs/api/released.txt, as part of a release
  --events        write the description of the events (AsyncAPI) to docs/api/events.json
  --types         write the types and the table of operations of app/web/client
  --openapi FILE  also write the OpenAPI document to FILE, for other tools
`;

const released = join(import.meta.dirname, '../../docs/api/released.txt');
/** AsyncAPI of the events, for the teams that receive them. */
const events = join(import.meta.dirname, '../../docs/api/events.json');
const client = join(import.meta.dirname, '../../app/web/client');
await runCommand('contract', async () => {
  const { values } = parseArgs({
    options: {
      record: { type: 'boolean', default: false },
      events: { type: 'boolean', default: false },
      types: { type: 'boolean', default: false },
      openapi: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  return compareWithRelease(values);
});

interface ContractOptions {
  readonly record: boolean;
  readonly events: boolean;
  readonly types: boolean;
  readonly openapi?: string | undefined;
}

function compareWithRelease(values: ContractOptions): number {
  const document = openApiOfRelease();
  if (values.openapi !== undefined) {
    writeFileSync(values.openapi, JSON.stringify(nameSchemas(document), undefined, 2));
  }
  if (values.events) writeFileSync(events, `${JSON.stringify(asyncApiDocument(), undefined, 2)}\n`);
  if (values.types) {
    writeClientTypes(nameSchemas(document), join(client, 'api-types.ts'));
    writeFileSync(join(client, 'operations.ts'), operationsText(document));
  }
  const now = contractLines(document as unknown as ContractDocument);
  if (values.record) {
    writeFileSync(released, `${now.join('\n')}\n`);
    process.stdout.write(`${now.length} lines in docs/api/released.txt\n`);
    return 0;
  }
  const { broken, added } = compareContracts(readFileSync(released, 'utf8').trim().split('\n'), now);
  for (const line of added) process.stdout.write(`new     ${line}\n`);
  for (const line of broken) process.stdout.write(`BROKEN  ${line}\n`);
  process.stdout.write(`${now.length} lines, ${added.length} new, ${broken.length} broken\n`);
  return broken.length === 0 ? 0 : 1;
}
