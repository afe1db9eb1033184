import { expect } from 'chai';
import { pagePathFunction, viewerAddressFunction } from '../../lib/edge/viewer-functions.ts';

describe('the edge functions', () => {
  interface ViewerEvent {
    request: { uri: string; headers: Record<string, { value: string }> };
    viewer?: { ip: string };
  }
  const run = (code: string, event: ViewerEvent) =>
    // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- CloudFront takes it as text
    (new Function(`${code}; return handler;`)() as (event: ViewerEvent) => ViewerEvent['request'])(event);

  it('serve the page of a section for every path without a file', () => {
    const uri = (path: string) => run(pagePathFunction, { request: { uri: path, headers: {} } }).uri;
    expect(uri('/shop/')).to.equal('/shop/index.html');
    expect(uri('/shop/products/42')).to.equal('/shop/index.html');
    expect(uri('/console/orders')).to.equal('/console/index.html');
    expect(uri('/shop/assets/page.js')).to.equal('/shop/assets/page.js');
  });

  it('redirect a section without a trailing slash to the one with it', () => {
    for (const room of ['/shop', '/console']) {
      const reply = run(pagePathFunction, { request: { uri: room, headers: {} } }) as unknown;
      expect(reply).to.deep.include({ statusCode: 301, headers: { location: { value: `${room}/` } } });
    }
  });

  it('overwrite the address that a visitor claims', () => {
    const request = { uri: '/orders', headers: { 'x-rowlock-viewer-address': { value: '10.0.0.1' } } };
    const { headers } = run(viewerAddressFunction, { request, viewer: { ip: '203.0.113.7' } });
    expect(headers['x-rowlock-viewer-address']).to.deep.equal({ value: '203.0.113.7' });
  });
});
