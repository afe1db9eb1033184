/**
 * Function of the custom resource that pushes the image to ECR, from the blobs that the deployment has put in
 * S3. It uses ECR's own API instead of the registry's, so it needs no Docker.
 */
import { createHash } from 'node:crypto';
import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  ECRClient,
  ImageAlreadyExistsException,
  InitiateLayerUploadCommand,
  LayerAlreadyExistsException,
  PutImageCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { answerRequest, type ResourceRequest } from '../../functions/answer-request.ts';
import { eventLine } from '../../instance/programs/event-line.ts';

/** ECR accepts parts of 5 to 20 MiB; only the last one may be smaller (UploadLayerPart). */
const PART_BYTES = 10 * 1024 * 1024;

export interface PushedBlob {
  readonly Digest: string;
  readonly Bucket: string;
  readonly Key: string;
}

export interface PushRequest extends ResourceRequest {
  readonly ResourceProperties: {
    readonly RepositoryName: string;
    readonly Tag: string;
    readonly ImageDigest: string;
    readonly Manifest: string;
    readonly MediaType: string;
    readonly Blobs: readonly PushedBlob[];
  };
}

export async function handler({ ResourceProperties, ...request }: PushRequest): Promise<void> {
  await answerRequest(request, 'container-image', async () => {
    // The repository deletes its images. An image of another release may still run.
    if (request.RequestType !== 'Delete') await pushImage(ResourceProperties);
  });
}

async function pushImage(image: PushRequest['ResourceProperties']): Promise<void> {
  const ecr = new ECRClient({ maxAttempts: 5 });
  const s3 = new S3Client({ maxAttempts: 5 });
  try {
    const missing = await missingBlobs(ecr, image);
    for (const blob of missing) await pushBlob(ecr, s3, image.RepositoryName, blob);
    await ecr
      .send(
        new PutImageCommand({
          repositoryName: image.RepositoryName,
          imageManifest: image.Manifest,
          imageManifestMediaType: image.MediaType,
          imageDigest: image.ImageDigest,
          imageTag: image.Tag,
        }),
      )
      .catch(unless(ImageAlreadyExistsException));
    eventLine('image_pushed', { tag: image.Tag, digest: image.ImageDigest, blobs: missing.length });
  } finally {
    ecr.destroy();
    s3.destroy();
  }
}

async function missingBlobs(
  ecr: ECRClient,
  { RepositoryName, Blobs }: PushRequest['ResourceProperties'],
): Promise<PushedBlob[]> {
  const { layers = [] } = await ecr.send(
    new BatchCheckLayerAvailabilityCommand({
      repositoryName: RepositoryName,
      layerDigests: Blobs.map(({ Digest }) => Digest),
    }),
  );
  const present = new Set(
    layers.flatMap(({ layerDigest, layerAvailability }) =>
      layerAvailability === 'AVAILABLE' ? [layerDigest] : [],
    ),
  );
  return Blobs.filter(({ Digest }) => !present.has(Digest));
}

async function pushBlob(
  ecr: ECRClient,
  s3: S3Client,
  repositoryName: string,
  blob: PushedBlob,
): Promise<void> {
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: blob.Bucket, Key: blob.Key }));
  if (Body === undefined) throw new Error(`the object ${blob.Key} is empty`);
  const received = createHash('sha256');
  let partFirstByte = 0;
  for await (const layerPartBlob of partsOf(Body as AsyncIterable<Uint8Array>)) {
    received.update(layerPartBlob);
    const partLastByte = partFirstByte + layerPartBlob.length - 1;
    await ecr.send(
      new UploadLayerPartCommand({ repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob }),
    );
    partFirstByte = partLastByte + 1;
  }
  if (`sha256:${received.digest('hex')}` !== blob.Digest)
    throw new Error(`the object ${blob.Key} is not the blob ${blob.Digest}`);
  await ecr
    .send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [blob.Digest] }))
    .catch(unless(LayerAlreadyExistsException));
}

/** Parts of equal size; only the last one may be smaller. */
async function* partsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= PART_BYTES) {
      yield rest.subarray(0, PART_BYTES);
      rest = rest.subarray(PART_BYTES);
    }
  }
  if (rest.length > 0) yield rest;
}

/** A handler that ignores an error which says that the work is already done. */
function unless(known: abstract new (...args: never[]) => Error): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof known)) throw error;
  };
}
