/**
 * Functions that CloudFront runs for each request (its JavaScript runtime 2.0: no imports, a function called
 * `handler`). They are strings because CloudFront takes them as text; a test runs both.
 */

/**
 * Serves `index.html` for `/shop/anything` without a file extension; the page's script shows the right view.
 * Redirects `/shop` to `/shop/`, so that the page's relative links work.
 */
export const pagePathFunction = `function handler(event) {
  var request = event.request;
  var room = request.uri.split('/')[1];
  if (request.uri === '/' + room) {
    var location = { value: '/' + room + '/' };
    return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: location } };
  }
  var file = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (file.indexOf('.') === -1) request.uri = '/' + room + '/index.html';
  return request;
}
`;

/**
 * Passes the visitor's address to the app, which otherwise sees only CloudFront's. The app trusts the header
 * only together with the storefront's key, which only CloudFront has.
 */
export const viewerAddressFunction = `function handler(event) {
  var request = event.request;
  request.headers['x-rowlock-viewer-address'] = { value: event.viewer.ip };
  return request;
}
`;
