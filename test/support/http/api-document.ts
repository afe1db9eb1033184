import { openApiOfRelease } from '../../../scripts/contract/openapi-of-release.ts';

/** The parts of the OpenAPI document that tests read. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: {
    readonly schemas: {
      readonly Problem: {
        readonly properties: Readonly<Record<string, { readonly description?: string }>>;
      };
    };
    readonly headers: Readonly<Record<string, { readonly required?: boolean }>>;
  };
}

export interface ApiOperation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly schema: object;
    readonly example: unknown;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': ApiContent } };
  readonly responses: Readonly<Record<string, ApiResponse>>;
}

export interface ApiContent {
  readonly schema: object;
  readonly example?: unknown;
}

export interface ApiResponse {
  readonly content?: Readonly<Record<string, ApiContent>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly 'x-problem-codes'?: readonly string[];
}

let made: ApiDocument | undefined;

/** The document of this release, and the redirect from the root. Needs no server. */
export function apiDocument(): ApiDocument {
  made ??= openApiOfRelease({ hasRedirect: true }) as unknown as ApiDocument;
  return made;
}
