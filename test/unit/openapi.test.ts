import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { openApiDocument } from '../../app/http/contract/openapi.ts';
import { type ApiContent, apiDocument } from '../support/http/api-document.ts';
import { formats } from '../support/http/reply-contract.ts';

describe('the OpenAPI document', () => {
  it('names the session cookie with and without HTTPS', () => {
    const document = JSON.parse(JSON.stringify(openApiDocument([])));
    const { name, description } = document.components.securitySchemes.cookie;
    expect(name).to.equal('__Host-rowlock_session');
    expect(description).to.match(/`__Host-rowlock_session`.*`rowlock_session`/);
  });

  it('has an example of every parameter, request and successful response, which its schema accepts', () => {
    const ajv = new Ajv2020({ strict: false, formats: { ...formats, date: /^\d{4}-\d{2}-\d{2}$/ } });
    for (const [path, methods] of Object.entries(apiDocument().paths)) {
      for (const [method, { parameters = [], requestBody, responses }] of Object.entries(methods)) {
        const bodies = [requestBody, ...Object.values(responses)].flatMap((body) =>
          Object.entries<ApiContent>(body?.content ?? {}),
        );
        // Problems have one schema. The page at /docs is prose.
        const exemplified = bodies.filter(([type]) => type === 'application/json').map(([, body]) => body);
        for (const content of [...parameters, ...exemplified]) {
          const name = `${method} ${path}: ${JSON.stringify(content.example)}`;
          expect(content, name).to.have.property('example');
          expect(ajv.validate(content.schema, content.example), `${name}: ${ajv.errorsText()}`).to.equal(
            true,
          );
        }
      }
    }
  });
});
