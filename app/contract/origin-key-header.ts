/**
 * Header that CloudFront adds to every request, where a public balancer stands between it and the app. Its
 * value is one of ORIGIN_KEYS.
 */
export const originKeyHeader = 'x-rowlock-origin-key';
