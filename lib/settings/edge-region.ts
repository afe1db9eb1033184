/** CloudFront takes web ACLs and certificates from this region and writes its metrics there, wherever the shop is. */
export const edgeRegion = 'us-east-1';
