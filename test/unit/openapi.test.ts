import { expect } from 'chai';
import { openApiDocument } from '../../app/http/contract/openapi.ts';

describe('the OpenAPI document', () => {
  it('names the session cookie with and without HTTPS', () => {
    const document = JSON.parse(JSON.stringify(openApiDocument([])));
    const { name, description } = document.components.securitySchemes.cookie;
    expect(name).to.equal('__Host-rowlock_session');
    expect(description).to.match(/`__Host-rowlock_session`.*`rowlock_session`/);
  });
});
