import { Duration } from 'aws-cdk-lib';
import { HeadersFrameOption, HeadersReferrerPolicy, ResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

const HSTS_DAYS = 365;

/**
 * Response headers for the shop's pages. Pages load and run only their own files, cannot be framed, and
 * connect only to the shop and to the bucket that receives image uploads.
 */
export function pageHeaders(scope: Construct, id: string, uploads: IBucket): ResponseHeadersPolicy {
  const policy = [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self' https://${uploads.bucketRegionalDomainName}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return new ResponseHeadersPolicy(scope, id, {
    comment: 'Pages load and run only their own files',
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: policy, override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(HSTS_DAYS), override: true },
    },
    customHeadersBehavior: {
      customHeaders: [
        { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
        { header: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()', override: true },
      ],
    },
  });
}
