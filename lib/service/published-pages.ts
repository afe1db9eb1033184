import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { pageFileHeaders, pageRooms } from '../../app/contract/page-files.ts';
import { BundledFunction } from '../functions/bundled-function.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

/** The pages of a release and where they go. */
export interface ReleasePages {
  /** Bucket behind CloudFront's `/shop/` and `/console/`. */
  readonly bucket: IBucket;
  /** Folder of the built pages, the same that the release's bundle contains. */
  readonly directory: string;
}

export interface PublishedPagesProps extends ReleasePages {
  readonly vpc: IVpc;
  readonly logDays: StageSettings['logDays'];
}

/** Some twenty copies of a few kilobytes, with room for retries. */
const PUBLISH_S = 60;

/**
 * The pages of this release in their bucket. A rollback publishes the earlier ones again. Files of earlier
 * releases stay in the bucket, because open pages still load them: about 200 KB per release.
 */
export class PublishedPages extends Construct {
  constructor(scope: Construct, id: string, { vpc, logDays, bucket, directory }: PublishedPagesProps) {
    super(scope, id);
    const publisher = new BundledFunction(this, 'Publisher', {
      entry: join(import.meta.dirname, './functions/publish-pages.ts'),
      vpc,
      timeoutS: PUBLISH_S,
      logDays,
    });
    const files = pageFiles(directory).map((path, index) => {
      const { bucket: source, s3ObjectKey } = new Asset(this, `File${index}`, {
        path: join(directory, path),
      });
      return { path, source, s3ObjectKey };
    });
    publisher.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: files.map(({ source, s3ObjectKey }) => source.arnForObjects(s3ObjectKey)),
      }),
    );
    publisher.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:PutObject'],
        resources: files.map(({ path }) => bucket.arnForObjects(path)),
      }),
    );
    const published = new CustomResource(this, 'Published', {
      serviceToken: publisher.function.functionArn,
      resourceType: 'Custom::PublishedPages',
      serviceTimeout: Duration.seconds(PUBLISH_S * 2),
      properties: {
        Bucket: bucket.bucketName,
        Files: files.map(({ path, source, s3ObjectKey }) => {
          const { contentType, cacheControl } = pageFileHeaders(path);
          return {
            Key: path,
            Source: `${source.bucketName}/${s3ObjectKey}`,
            ContentType: contentType,
            CacheControl: cacheControl,
          };
        }),
      },
    });
    // CloudFormation must not call the function before its policy exists.
    published.node.addDependency(publisher);
  }
}

/** Paths such as `shop/index.html`; each room's index.html comes last, because it names the others. */
function pageFiles(directory: string): string[] {
  return pageRooms.flatMap((room) => {
    const names = readdirSync(join(directory, room)).toSorted();
    if (!names.includes('index.html')) throw new Error(`${directory}/${room} has no index.html`);
    const isIndex = (name: string) => name === 'index.html';
    return [...names.filter((name) => !isIndex(name)), 'index.html'].map((name) => `${room}/${name}`);
  });
}
