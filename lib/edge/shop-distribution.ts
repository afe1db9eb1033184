import { Duration, Validations } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IOrigin,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { edgeKeepsMaxS } from '../../app/contract/edge-cache.ts';
import { pageHeaders } from './page-headers.ts';
import { pagePathFunction, viewerAddressFunction } from './viewer-functions.ts';

export interface ShopDistributionProps {
  readonly stage: string;
  /** Origin of the API, with the header that only this distribution sends. */
  readonly apiOrigin: IOrigin;
  readonly images: IBucket;
  readonly pages: IBucket;
  readonly domain: { readonly name: string; readonly certificate: ICertificate } | undefined;
  readonly webAclArn: string | undefined;
}

/** Above the gateway's own time limit, so that the gateway gives up first. */
export const originTimeout = Duration.seconds(30);
/** Query parameters of the routes below /products, which a cached reply depends on; a test compares them. */
const catalogueQuery = ['q', 'sort', 'minPrice', 'maxPrice', 'inStock', 'cursor', 'limit'];

/**
 * The shop's only web origin, so that its pages need no CORS: pages and images from private buckets,
 * everything else from the API. Of the API only `/products*` is cached, for as long as the app allows.
 * Requests there reach the app without cookies and Authorization.
 */
export class ShopDistribution extends Construct {
  readonly distribution: Distribution;
  /** Such as `https://shop.example.com`, without a trailing slash. */
  readonly origin: string;

  constructor(scope: Construct, id: string, props: ShopDistributionProps) {
    super(scope, id);
    const { domain, stage } = props;
    const api = props.apiOrigin;
    const pages = {
      ...this.bucketBehavior('Pages', props.pages, this.edgeFunction('PagePath', pagePathFunction)),
      responseHeadersPolicy: pageHeaders(this, 'PageHeaders', props.images),
    };
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `Rowlock ${stage}`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      // Includes edge locations in Asia, excludes South America and Oceania.
      priceClass: PriceClass.PRICE_CLASS_200,
      ...(domain === undefined
        ? {}
        : {
            domainNames: [domain.name],
            certificate: domain.certificate,
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          }),
      ...(props.webAclArn === undefined ? {} : { webAclId: props.webAclArn }),
      defaultBehavior: this.apiBehavior(api),
      additionalBehaviors: {
        '/products*': this.catalogueBehavior(api),
        '/shop': pages,
        '/shop/*': pages,
        '/console': pages,
        '/console/*': pages,
        '/images/*': this.bucketBehavior('Images', props.images),
      },
      // No custom error responses: they would replace the problems of the API.
    });
    this.origin = `https://${domain?.name ?? this.distribution.distributionDomainName}`;
    this.acknowledge(props);
  }

  private apiBehavior(origin: IOrigin): BehaviorOptions {
    return {
      origin,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // Gateway and balancer accept only their own Host.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      // Adds Strict-Transport-Security and keeps the app's own headers.
      responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
      functionAssociations: [
        {
          function: this.edgeFunction('ViewerAddress', viewerAddressFunction),
          eventType: FunctionEventType.VIEWER_REQUEST,
        },
      ],
    };
  }

  /**
   * Same reply for every visitor: the app does not learn the identity of the visitor, so it cannot depend on
   * it.
   */
  private catalogueBehavior(origin: IOrigin): BehaviorOptions {
    return {
      origin,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: new CachePolicy(this, 'CataloguePolicy', {
        comment: "The app's own max-age, at most one minute",
        minTtl: Duration.seconds(0),
        defaultTtl: Duration.seconds(0),
        maxTtl: Duration.seconds(edgeKeepsMaxS),
        // Each is part of the cache key and goes to the API; any other one would be a way around the
        // cache.
        queryStringBehavior: CacheQueryStringBehavior.allowList(...catalogueQuery),
        cookieBehavior: CacheCookieBehavior.none(),
        headerBehavior: CacheHeaderBehavior.none(),
        enableAcceptEncodingGzip: true,
        enableAcceptEncodingBrotli: true,
      }),
      compress: true,
      responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
    };
  }

  private bucketBehavior(name: string, bucket: IBucket, rewrite?: EdgeFunction): BehaviorOptions {
    return {
      // Imported, because the bucket's own stack already admits the distributions of this account.
      origin: S3BucketOrigin.withOriginAccessControl(
        Bucket.fromBucketAttributes(this, `${name}Bucket`, {
          bucketArn: bucket.bucketArn,
          bucketRegionalDomainName: bucket.bucketRegionalDomainName,
        }),
      ),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
      compress: true,
      ...(rewrite === undefined
        ? {}
        : {
            functionAssociations: [{ function: rewrite, eventType: FunctionEventType.VIEWER_REQUEST }],
          }),
    };
  }

  private edgeFunction(id: string, code: string): EdgeFunction {
    return new EdgeFunction(this, id, {
      code: FunctionCode.fromInline(code),
      runtime: FunctionRuntime.JS_2_0,
    });
  }

  private acknowledge({ domain, webAclArn }: ShopDistributionProps): void {
    Validations.of(this.distribution).acknowledge(
      {
        id: 'Annotation::@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac',
        reason: 'The storage stack writes the policies of its buckets.',
      },
      { id: 'AwsSolutions-CFR1', reason: 'The shop sells to all countries.' },
      {
        id: 'AwsSolutions-CFR3',
        reason:
          'Standard logging v2 is a resource of its own (DistributionLog). ' +
          'The stage minimal has only the logs of gateway and buckets.',
      },
    );
    if (webAclArn === undefined) {
      Validations.of(this.distribution).acknowledge({
        id: 'AwsSolutions-CFR2',
        reason: 'The stage has none (edge.hasWebAcl); an existing web ACL can be used (edgeWebAclArn).',
      });
    }
    if (domain === undefined) {
      Validations.of(this.distribution).acknowledge({
        id: 'AwsSolutions-CFR4',
        reason: 'A name below cloudfront.net allows no other TLS policy; an own domain gets TLS 1.2.',
      });
    }
  }
}
