import { z } from 'zod';
import { docsPage, docsPageHeaders } from './docs-page.ts';
import { nameSchemas } from '../contract/name-schemas.ts';
import { openApiDocument } from '../contract/openapi.ts';
import { defineRoute, type Route } from '../contract/route.ts';

/** Documents `routes` and itself, as OpenAPI and as a page. */
export function docsRoutes(routes: readonly Route[]): Route[] {
  const cacheControl = { 'Cache-Control': 'public, max-age=300' };

  const openApiRoute = defineRoute({
    id: 'readOpenApiDocument',
    method: 'get',
    path: '/openapi.json',
    tag: 'Documentation',
    summary: 'Returns this document as OpenAPI 3.1.',
    access: 'anyone',
    schema: {},
    replies: { 200: z.record(z.string(), z.unknown()) },
    handle: async () => ({ status: 200, headers: cacheControl, body: text }),
  });

  const pageRoute = defineRoute({
    id: 'readDocumentation',
    method: 'get',
    path: '/docs',
    tag: 'Documentation',
    summary: 'Returns this document as a page.',
    access: 'anyone',
    schema: {},
    replies: { 200: z.string() },
    handle: async () => ({
      status: 200,
      headers: {
        ...cacheControl,
        'Content-Type': 'text/html; charset=utf-8',
        ...docsPageHeaders,
      },
      body: page,
    }),
  });

  const rootRoute = defineRoute({
    id: 'redirectToDocumentation',
    method: 'get',
    path: '/',
    tag: 'Documentation',
    summary: 'Redirects to the page.',
    access: 'anyone',
    schema: {},
    replies: { 302: null },
    replyHeaders: ['Location'],
    handle: async () => ({ status: 302, headers: { Location: '/docs' } }),
  });

  // The redirect is left out: an operation of the API has a success response.
  const document = openApiDocument([...routes, openApiRoute, pageRoute]);
  const text = JSON.stringify(nameSchemas(document));
  const page = docsPage(document);
  return [rootRoute, openApiRoute, pageRoute];
}
