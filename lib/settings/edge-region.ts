/**
 * The region from which CloudFront takes web ACLs and certificates and to which it writes metrics, for any
 * shop.
 */
export const edgeRegion = 'us-east-1';
