import type { Requests } from '../history/history-line.ts';
import type { Operation } from './operation.ts';

/** The operation as a request to the shop. */
export function requestOf({ kind, request }: Operation): {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
} {
  // begin() ensures that each kind has its own type of request.
  switch (kind) {
    case 'order':
      return { method: 'POST', path: '/orders', body: request };
    case 'cancel':
      return { method: 'POST', path: `/orders/${(request as Requests['cancel']).orderId}/cancel` };
    case 'charge':
      return { method: 'POST', path: '/me/balance/charges', body: request };
    case 'claim-coupon':
      return { method: 'POST', path: `/coupons/${(request as Requests['claim-coupon']).couponId}/issue` };
    case 'adjust-stock': {
      const { productId, ...body } = request as Requests['adjust-stock'];
      return { method: 'POST', path: `/admin/products/${productId}/stock-adjustments`, body };
    }
    case 'read-balance':
      return { method: 'GET', path: '/me/balance' };
    case 'find-order': {
      const { orderKey } = request as Requests['find-order'];
      return { method: 'GET', path: `/orders?key=${encodeURIComponent(orderKey)}` };
    }
    case 'edit-product': {
      const { productId, version, priceKrw: price, ...terms } = request as Requests['edit-product'];
      return {
        method: 'PUT',
        path: `/admin/products/${productId}`,
        body: { ...terms, price, description: '' },
        headers: seenVersion(version),
      };
    }
    case 'read-product':
      return { method: 'GET', path: `/admin/products/${(request as Requests['read-product']).productId}` };
    case 'create-product':
      return { method: 'POST', path: '/admin/products', body: request };
    case 'create-coupon':
      return { method: 'POST', path: '/admin/coupons', body: request };
    case 'edit-coupon': {
      const { couponId, version, ...body } = request as Requests['edit-coupon'];
      return { method: 'PUT', path: `/admin/coupons/${couponId}`, body, headers: seenVersion(version) };
    }
    case 'stop-coupon':
      return { method: 'POST', path: `/admin/coupons/${(request as Requests['stop-coupon']).couponId}/stop` };
    case 'read-coupon':
      return { method: 'GET', path: `/admin/coupons/${(request as Requests['read-coupon']).couponId}` };
    case 'admin-cancel': {
      const { orderId, ...body } = request as Requests['admin-cancel'];
      return { method: 'POST', path: `/admin/orders/${orderId}/cancel`, body };
    }
    case 'set-cart-line': {
      const { productId, quantity } = request as Requests['set-cart-line'];
      return { method: 'PUT', path: `/cart/items/${productId}`, body: { quantity } };
    }
    case 'add-cart-line':
      return { method: 'POST', path: '/cart/items', body: request };
    case 'remove-cart-line':
      return { method: 'DELETE', path: `/cart/items/${(request as Requests['remove-cart-line']).productId}` };
    case 'clear-cart':
      return { method: 'DELETE', path: '/cart' };
    case 'read-cart':
      return { method: 'GET', path: '/cart' };
  }
}

function seenVersion(version: number | null): Record<string, string> {
  return version === null ? {} : { 'If-Match': `"v${version}"` };
}
