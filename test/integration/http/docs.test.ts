import { createHash } from 'node:crypto';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { problemsOf } from '../../../app/http/contract/openapi.ts';
import { problemTable } from '../../../app/http/contract/problem-table.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { HttpReply } from '../../support/shop/http-client.ts';
import { readRouteSurface, type RouteSurface, routeName } from '../../support/http/route-surface.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

interface Operation {
  readonly description: string;
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly 'x-problem-codes'?: readonly string[] }>
  >;
}

interface Body {
  readonly content?: { readonly 'application/json'?: { readonly schema: { readonly $ref?: string } } };
}

describe('the API documentation', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let surface: RouteSurface;
  let document: {
    openapi: string;
    tags: { name: string }[];
    components: { schemas: object };
    paths: Record<string, Record<string, Operation>>;
  };
  let page: HttpReply<string>;

  before(async () => {
    app = await shop.start(['api']);
    surface = await readRouteSurface(shop.env);
    document = (await shop.client(app).get('/openapi.json')).body;
    page = await shop.client(app).get<string>('/docs');
  });

  /** All but the redirect from the root to the page. */
  const documented = () => surface.routes.filter(({ path }) => path !== '/');
  /** Ways in; none where anyone may call. A shopper's last one is without a cart. */
  const securitiesOf = { anyone: 0, shopper: 5, user: 2, viewer: 2, operator: 2, owner: 2 };
  const pathOf = (path: string) => path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
  const operations = () => Object.values(document.paths).flatMap((methods) => Object.values(methods));

  describe('as OpenAPI', () => {
    it('is valid 3.1', async () => {
      const validator = new Validator();
      const { valid, errors } = await validator.validate(
        structuredClone(document) as object as Record<string, unknown>,
      );
      expect(errors, JSON.stringify(errors)).to.equal(undefined);
      expect(valid).to.equal(true);
      expect(validator.version).to.equal('3.1');
    });

    it('lists every route, and nothing else', () => {
      const described = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      expect(described).to.have.members(documented().map((route) => pathOf(routeName(route))));
    });

    it('describes every operation in a declared group', () => {
      const declared = document.tags.map(({ name }) => name);
      for (const { operationId, description, tags } of operations()) {
        expect(description, operationId).to.have.length.greaterThan(10);
        expect(declared, operationId).to.include.members([...tags]);
      }
    });

    it('gives every JSON body a name', () => {
      const names = new Set<string>();
      for (const { operationId, requestBody, responses } of operations())
        for (const { content } of [requestBody ?? {}, ...Object.values(responses)] as Body[]) {
          const schema = content?.['application/json']?.schema;
          if (schema === undefined) continue;
          const name = schema.$ref?.replace('#/components/schemas/', '') ?? expect.fail(operationId);
          expect(document.components.schemas, operationId).to.have.property(name);
          names.add(name);
        }
      expect([...names]).to.include.members(['Order', 'OrderPage', 'PlaceOrderRequest', 'Product', 'Cart']);
    });

    it('names every operation once', () => {
      const ids = operations().map(({ operationId }) => operationId);
      expect(new Set(ids).size).to.equal(ids.length);
      for (const id of ids) expect(id).to.match(/^[a-z][A-Za-z]*$/);
    });

    it('lists the problems of every route under their status', () => {
      for (const route of documented()) {
        const { responses = {} } = document.paths[pathOf(route.path)]?.[route.method] ?? {};
        for (const code of problemsOf(route)) {
          const response = responses[String(problemTable[code].status)];
          expect(response?.['x-problem-codes'], `${routeName(route)} ${code}`).to.include(code);
          expect(response?.description).to.include(`\`${code}\``);
        }
        for (const status of Object.keys(route.replies)) expect(responses).to.have.property(status);
      }
    });

    it('states where a session, a key and a body are required', () => {
      for (const route of documented()) {
        const operation = document.paths[pathOf(route.path)]?.[route.method];
        const name = routeName(route);
        expect(operation?.security?.length, name).to.equal(securitiesOf[route.access]);
        expect(operation?.requestBody !== undefined, name).to.equal(route.schema.body !== undefined);
        const key = operation?.parameters?.find((parameter) => parameter.name === 'Idempotency-Key');
        expect(key?.required, name).to.equal(
          route.idempotencyKey === undefined ? undefined : route.idempotencyKey === 'required',
        );
        const inPath = operation?.parameters?.filter((parameter) => parameter.in === 'path') ?? [];
        expect(
          inPath.map((parameter) => `{${parameter.name}}`),
          name,
        ).to.have.members(pathOf(route.path).match(/\{[A-Za-z]+\}/g) ?? []);
      }
    });
  });

  describe('as a page', () => {
    it('shows every path and every problem', () => {
      expect(page.status).to.equal(200);
      expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
      for (const { path } of documented()) expect(page.text).to.include(`>${pathOf(path)}</code>`);
      for (const code of Object.keys(problemTable)) expect(page.text).to.include(`id="${code}"`);
    });

    it('has only links with an existing target', () => {
      const ids = new Set([...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
      const links = [...page.text.matchAll(/href="([^"]+)"/g)].map(([, href]) => href as string);
      expect(links.length).to.be.greaterThan(10);
      for (const href of links) {
        if (href !== '/openapi.json') expect(ids, href).to.include(href.replace('#', ''));
      }
    });

    it('loads nothing and runs no script', () => {
      expect(page.text).not.to.match(/<(script|link|iframe|img|object|embed|base|form|svg)\b/i);
      expect(page.text).not.to.match(/\son[a-z]+\s*=/i);
      expect(page.text).not.to.match(/https?:|\/\/[a-z]|url\(|@import|javascript:/i);
    });

    it('is restricted by its policy, which allows only its own style', () => {
      const policy = page.headers.get('content-security-policy') ?? '';
      const style = /<style>([\s\S]*)<\/style>/.exec(page.text)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      expect(policy.split('; ')).to.have.members([
        "default-src 'none'",
        `style-src 'sha256-${hash}'`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ]);
      expect(page.headers.get('x-content-type-options')).to.equal('nosniff');
    });

    it('is the target of the front page', async () => {
      const front = await shop.client(app).get('/');
      expect([front.status, front.headers.get('location')]).to.deep.equal([302, '/docs']);
    });
  });
});
