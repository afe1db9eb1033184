import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type ProblemCode, problemTable } from '../../../app/http/contract/problem-table.ts';
import type { ApiDocument, ApiOperation, ApiResponse } from './api-document.ts';

export interface ObservedReply {
  /** Method of the request, as sent. */
  readonly method: string;
  /** Path and query of the request, as sent. */
  readonly target: string;
  readonly status: number;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** The body; empty if there was none. */
  readonly text: string;
}

export interface ReplyContract {
  /**
   * The operation that a request reaches, such as `GET /orders/{orderId}`; undefined if the document has
   * none.
   */
  operationOf(method: string, target: string): string | undefined;
  /** Deviations of a reply to this request from the document, one line each; empty if there is none. */
  faults(reply: ObservedReply): string[];
  /** The same for the body of a problem, independent of the request. */
  problemFaults(text: string): string[];
}

/** Headers of HTTP itself, of caches and of browsers, which OpenAPI does not describe. */
const GENERAL_HEADERS = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'permissions-policy',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
]);
const PROBLEM_TYPE = 'application/problem+json';
const FAULTS_SHOWN = 5;

/** Problems of requests that reach no route. */
const NO_ROUTE: readonly ProblemCode[] = ['not_found', 'rate_limited', 'validation_failed'];
const NO_METHOD: readonly ProblemCode[] = ['method_not_allowed', 'rate_limited', 'validation_failed'];
/** Problems of requests that the server could not read, with an empty `instance`. */
const UNREADABLE: readonly ProblemCode[] = [
  'validation_failed',
  'request_timeout',
  'request_header_fields_too_large',
];

interface Place {
  readonly path: string;
  readonly pattern: RegExp;
  readonly operations: Readonly<Record<string, ApiOperation>>;
}

/** The OpenAPI document as a check of replies: status, problem code, headers and body of each. */
export function replyContract(document: ApiDocument): ReplyContract {
  // Matches paths as the router does: case-insensitive, with or without a slash at the end, in the order of
  // the routes.
  const places = Object.entries(document.paths).map(
    ([path, operations]): Place => ({
      path,
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`, 'i'),
      operations,
    }),
  );
  const schemas = bodySchemas(document);
  const requiredHeaders = Object.entries(document.components.headers).flatMap(([name, { required }]) =>
    required === true ? [name.toLowerCase()] : [],
  );

  const placeOf = (target: string): Place | undefined => {
    const path = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? '';
    return places.find(({ pattern }) => pattern.test(path));
  };
  const find = (method: string, target: string) => {
    const place = placeOf(target);
    const name = method === 'HEAD' ? 'get' : method.toLowerCase();
    return { place, operation: place?.operations[name], name };
  };

  const headerFaults = (response: ApiResponse, headers: ReadonlyMap<string, string>): string[] => {
    const documented = new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()));
    const unknown = [...headers.keys()].filter((name) => !documented.has(name) && !GENERAL_HEADERS.has(name));
    const missing = requiredHeaders.filter((name) => documented.has(name) && !headers.has(name));
    const retryAfter = headers.get('retry-after');
    return [
      ...unknown.map((name) => `the header ${name} is not documented`),
      ...missing.map((name) => `the header ${name} is missing`),
      ...(retryAfter === undefined || /^[1-9][0-9]*$/.test(retryAfter) ? [] : [`Retry-After: ${retryAfter}`]),
    ];
  };

  const bodyFaults = (key: string, response: ApiResponse, reply: ObservedReply, type: string): string[] => {
    const documented = Object.keys(response.content ?? {});
    if (documented.length === 0) return reply.text === '' ? [] : ['a body where none is documented'];
    if (!documented.includes(type)) return [`content type ${type}, documented: ${documented.join(', ')}`];
    // A reply to HEAD has headers only.
    if (reply.method === 'HEAD') return reply.text === '' ? [] : ['a body for HEAD'];
    if (type === PROBLEM_TYPE && problemOf(reply.text) !== undefined) return [];
    return schemas.faults(`${key} ${type}`, reply.text);
  };

  return {
    problemFaults: schemas.problemFaults,
    operationOf: (method, target) => {
      const { place, operation, name } = find(method, target);
      return operation === undefined ? undefined : `${name.toUpperCase()} ${place?.path}`;
    },
    faults: (reply) => {
      const { status, text, target } = reply;
      const headers = new Map([...reply.headers].map(([name, value]) => [name.toLowerCase(), value]));
      const type = headers.get('content-type')?.split(';')[0] ?? '';
      const problem = type === PROBLEM_TYPE ? problemOf(text) : undefined;
      const wrongProblem =
        problem === undefined ? [] : [...schemas.problemFaults(text), ...problemFaults(problem, reply)];
      // Unreadable: the requested operation is unknown.
      if (problem?.instance === '') return [...wrongProblem, ...codeFaults(problem, UNREADABLE)];

      const { place, operation, name } = find(reply.method, target);
      if (place === undefined || operation === undefined) {
        const codes = place === undefined ? NO_ROUTE : NO_METHOD;
        if (reply.method === 'HEAD')
          return codes.some((code) => problemTable[code].status === status) ? [] : [`${status}`];
        if (problem === undefined) return [`${status} ${type}, where there is no route`];
        const allow =
          problem.code === 'method_not_allowed' && !headers.has('allow') ? ['no Allow header'] : [];
        return [...wrongProblem, ...codeFaults(problem, codes), ...allow];
      }
      const response = operation.responses[String(status)];
      if (response === undefined) return [`status ${status} is not documented`];
      const codes = response['x-problem-codes'];
      const wrongCode = codes === undefined || problem === undefined ? [] : codeFaults(problem, codes);
      const key = `${name} ${place.path} ${status}`;
      return [
        ...wrongProblem,
        ...wrongCode,
        ...headerFaults(response, headers),
        ...bodyFaults(key, response, reply, type),
      ];
    },
  };
}

interface ProblemBody {
  readonly code: ProblemCode;
  readonly status: number;
  readonly type: string;
  readonly instance: string;
  readonly traceId: string;
}

function problemOf(text: string): ProblemBody | undefined {
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    return undefined;
  }
}

function problemFaults({ code, status, type, traceId }: ProblemBody, reply: ObservedReply): string[] {
  if (!Object.hasOwn(problemTable, code)) return [`the code ${code} is in no table`];
  const requestId = [...reply.headers].find(([name]) => name.toLowerCase() === 'x-request-id')?.[1];
  const expected = problemTable[code].status;
  return [
    ...(reply.status === expected && status === expected ? [] : [`${code} with status ${reply.status}`]),
    ...(type === `urn:rowlock:problem:${code}` ? [] : [`${code} with type ${type}`]),
    ...(traceId === requestId ? [] : ['traceId and X-Request-Id differ']),
  ];
}

function codeFaults({ code }: ProblemBody, documented: readonly string[]): string[] {
  return documented.includes(code) ? [] : [`the code ${code} is not documented here`];
}

/** Texts for the document's formats, as strict as the app writes them, not merely as a standard allows. */
export const formats = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?Z$/,
  email: /^[\x21-\x7e]+@[\x21-\x7e]+$/,
  uri: (text: string) => URL.canParse(text),
};

/** The schemas of all bodies, each compiled at its first use. */
function bodySchemas(document: ApiDocument) {
  const ajv = new Ajv2020({ allowUnionTypes: true, formats });
  // Clients must tolerate unknown members; here the document must name every member.
  const isProblem = ajv.compile({ ...document.components.schemas.Problem, additionalProperties: false });
  const codesOfMember = problemMembers(document);
  const strangeMembers = (text: string): string[] => {
    const problem = problemOf(text) as (ProblemBody & Readonly<Record<string, unknown>>) | undefined;
    if (problem === undefined) return [];
    return Object.keys(problem)
      .filter((name) => codesOfMember.get(name)?.has(problem.code) === false)
      .map((name) => `the member ${name} is documented for other codes than ${problem.code}`);
  };
  const compiled = new Map<string, ValidateFunction>();
  const schemaOf = (key: string): object => {
    const [method = '', path = '', status = '', type = ''] = key.split(' ');
    const schema = document.paths[path]?.[method]?.responses[status]?.content?.[type]?.schema as object;
    return '$ref' in schema ? document.components.schemas.Problem : schema;
  };
  const check = (validate: ValidateFunction, isJson: boolean, text: string): string[] => {
    let body: unknown = text;
    try {
      if (isJson) body = JSON.parse(text);
    } catch {
      return ['the body is not JSON'];
    }
    if (validate(body)) return [];
    return (validate.errors ?? [])
      .slice(0, FAULTS_SHOWN)
      .map(({ instancePath, message, params }) => `body${instancePath} ${message} ${JSON.stringify(params)}`);
  };
  return {
    problemFaults: (text: string) => [...check(isProblem, true, text), ...strangeMembers(text)],
    /** @param key method, path, status and content type */
    faults(key: string, text: string): string[] {
      let validate = compiled.get(key);
      if (validate === undefined) {
        validate = ajv.compile(schemaOf(key));
        compiled.set(key, validate);
      }
      return check(validate, /[/+]json$/.test(key), text);
    },
  };
}

/**
 * Codes that each member of problems belongs to, according to its description. A member without such a
 * description belongs to all.
 */
function problemMembers({ components }: ApiDocument): Map<string, ReadonlySet<string>> {
  return new Map(
    Object.entries(components.schemas.Problem.properties).flatMap(([name, { description = '' }]) =>
      description.startsWith('With `')
        ? [[name, new Set([...description.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code))] as const]
        : [],
    ),
  );
}
