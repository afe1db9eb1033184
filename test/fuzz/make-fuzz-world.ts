import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { apiDocument } from '../support/http/api-document.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { contractOfThisRelease } from '../support/http/expect-documented.ts';
import { makeRouteSamples } from '../support/http/route-samples.ts';
import type { TestShop } from '../support/shop/test-shop.ts';
import type { FuzzWorld } from './fuzz-world.ts';
import type { FuzzedOperation } from './message-plan.ts';

/** Returns every operation of the OpenAPI document. */
export function fuzzedOperations(): FuzzedOperation[] {
  return Object.entries(apiDocument().paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([name, operation]) => {
      const method = name.toUpperCase();
      return { name: `${method} ${path}`, method, path, operation };
    }),
  );
}

/** Creates the accounts and objects that hostile requests refer to. */
export async function makeFuzzWorld(shop: TestShop, app: AppProcess): Promise<FuzzWorld> {
  const { token: admin, ids } = await makeRouteSamples(shop, app);
  const { token: customer } = await shop.client(app).newCustomer();
  const operations = fuzzedOperations();
  // Formats are not validated: a body counts as invalid only if there is no doubt.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
  const bodyChecks = operations.flatMap(({ name, operation }): (readonly [string, ValidateFunction])[] => {
    const schema = operation.requestBody?.content['application/json'].schema;
    return schema === undefined ? [] : [[name, ajv.compile(schema)]];
  });
  return {
    contract: contractOfThisRelease(),
    operations: new Map(operations.map(({ name, operation }) => [name, operation])),
    bodyChecks: new Map(bodyChecks),
    ids,
    tokens: { admin, customer },
  };
}
