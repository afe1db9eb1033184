/**
 * Function of the custom resource that puts a release's pages into their bucket, from the copies that the
 * deployment has put in S3.
 */
import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { answerRequest, type ResourceRequest } from '../../functions/answer-request.ts';
import { eventLine } from '../../instance/programs/event-line.ts';

export interface PublishedFile {
  readonly Key: string;
  /** Bucket and key of the deployment's copy, as CopyObject names its source. */
  readonly Source: string;
  readonly ContentType: string;
  readonly CacheControl: string;
}

export interface PublishRequest extends ResourceRequest {
  readonly ResourceProperties: {
    readonly Bucket: string;
    /** In the order in which they are published. */
    readonly Files: readonly PublishedFile[];
  };
}

export async function handler({ ResourceProperties, ...request }: PublishRequest): Promise<void> {
  await answerRequest(request, 'pages', async () => {
    // Files of earlier releases stay: a page that is open in a browser still loads them.
    if (request.RequestType !== 'Delete') await publish(ResourceProperties);
  });
}

/** One after the other: an index.html must not name a file that is not there yet. */
async function publish({ Bucket, Files }: PublishRequest['ResourceProperties']): Promise<void> {
  const s3 = new S3Client({ maxAttempts: 5 });
  try {
    for (const { Key, Source, ContentType, CacheControl } of Files) {
      const headers = { ContentType, CacheControl, MetadataDirective: 'REPLACE' } as const;
      await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: Source, ...headers }));
    }
    eventLine('pages_published', { files: Files.length });
  } finally {
    s3.destroy();
  }
}
