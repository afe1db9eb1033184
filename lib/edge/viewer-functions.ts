/**
 * What CloudFront runs before a request leaves the edge (its JavaScript runtime 2.0: no imports, a function
 * called `handler`). As text, because that is how CloudFront takes it; a test runs both.
 */

/**
 * `/shop/anything` without a file extension is a page of the shop, which its own script shows. `/shop` itself leads to `/shop/`,
 * so that what the page names relatively is found.
 */
export const pagePathFunction = `function handler(event) {
  var request = event.request;
  var room = request.uri.split('/')[1];
  if (request.uri === '/' + room) {
    return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: { value: '/' + room + '/' } } };
  }
  var file = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (file.indexOf('.') === -1) request.uri = '/' + room + '/index.html';
  return request;
}
`;

/**
 * The visitor's address for the app, which sees the gateway's and CloudFront's own. It believes the header
 * only together with the storefront's key, because only CloudFront has that.
 */
export const viewerAddressFunction = `function handler(event) {
  var request = event.request;
  request.headers['x-rowlock-viewer-address'] = { value: event.viewer.ip };
  return request;
}
`;
