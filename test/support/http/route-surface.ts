import { expect } from 'chai';
import { parseConfig } from '../../../app/config/read-config.ts';
import { openApiDocument, problemsOf } from '../../../app/http/contract/openapi.ts';
import { type ProblemCode, problemTable } from '../../../app/http/contract/problem-table.ts';
import type { Route } from '../../../app/http/contract/route.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { wireProcess } from '../../../app/wiring/process.ts';
import type { ApiDocument, ApiOperation } from './api-document.ts';
import { replyContract } from './reply-contract.ts';

export interface RouteSurface {
  readonly routes: readonly Route[];
  /** JSON Schema of a route's body as the OpenAPI document shows it. */
  bodySchema(route: Route): object | undefined;
  /** The names of a route's query parameters. */
  queryNames(route: Route): string[];
  /**
   * Throws unless the reply is a problem of the documented shape, with a code that the route documents and
   * the status of that code. Without a route, any code of the table is accepted.
   */
  expectProblem(reply: ProblemReply, route?: Route): ProblemCode;
}

export interface ProblemReply {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

/** Name of a route in the usual form: `GET /orders/:orderId`. */
export function routeName(route: Route): string {
  return `${route.method.toUpperCase()} ${route.path}`;
}

/** All routes of the app with this configuration, made by the app's own composition root. */
export async function readRouteSurface(env: Readonly<Record<string, string>>): Promise<RouteSurface> {
  const wiring = wireProcess(
    parseConfig(env, ['api']),
    ['api'],
    createLog({ level: 'error', role: 'test', stage: 'test' }),
  );
  await wiring.close();
  const { routes } = wiring;
  const document = openApiDocument(routes) as unknown as ApiDocument;
  const contract = replyContract(document);
  const operationOf = (route: Route): Pick<ApiOperation, 'requestBody' | 'parameters'> =>
    document.paths[route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}')]?.[route.method] ?? {};

  return {
    routes,
    bodySchema: (route) => operationOf(route).requestBody?.content['application/json'].schema,
    queryNames: (route) =>
      (operationOf(route).parameters ?? []).flatMap((parameter) =>
        parameter.in === 'query' ? [parameter.name] : [],
      ),
    expectProblem(reply, route) {
      const shown = `${reply.status} ${reply.text.slice(0, 300)}`;
      expect(reply.contentType, shown).to.match(/^application\/problem\+json/);
      const body = JSON.parse(reply.text) as { code: ProblemCode; status: number; type: string };
      expect(contract.problemFaults(reply.text), shown).to.deep.equal([]);
      expect(Object.keys(problemTable), shown).to.include(body.code);
      expect(body.status, shown).to.equal(problemTable[body.code].status);
      expect(reply.status, shown).to.equal(body.status);
      expect(body.type, shown).to.equal(`urn:rowlock:problem:${body.code}`);
      if (route !== undefined)
        expect(problemsOf(route), `${routeName(route)}: ${shown}`).to.include(body.code);
      return body.code;
    },
  };
}
