import { join } from 'node:path';
import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { BundledFunction } from '../functions/bundled-function.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { imageLayout } from './image-layout.ts';

export interface ContainerImageProps {
  readonly vpc: IVpc;
  readonly logDays: StageSettings['logDays'];
  /** OCI image layout of the release. */
  readonly layout: string;
}

/** Releases whose images stay for a rollback. */
const IMAGES_KEPT = 20;
/** 60 MB through a function at some 10 MB per second, with room for retries. */
const PUSH_S = 300;

/**
 * ECR repository with the image of this release in it, pushed by CloudFormation without a container engine.
 */
export class ContainerImage extends Construct {
  readonly repository: Repository;
  /** Names the image by its digest, so a pod always runs the bytes of its release. */
  readonly uri: string;
  readonly tag: string;

  constructor(scope: Construct, id: string, { vpc, logDays, layout }: ContainerImageProps) {
    super(scope, id);
    this.repository = new Repository(this, 'Repository', {
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      lifecycleRules: [{ maxImageCount: IMAGES_KEPT }],
      // Images can be built again from the sources.
      emptyOnDelete: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const image = imageLayout(layout);
    const pusher = new BundledFunction(this, 'Pusher', {
      entry: join(import.meta.dirname, './functions/push-image.ts'),
      vpc,
      timeoutS: PUSH_S,
      logDays,
    });
    pusher.function.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'ecr:BatchCheckLayerAvailability',
          'ecr:InitiateLayerUpload',
          'ecr:UploadLayerPart',
          'ecr:CompleteLayerUpload',
          'ecr:PutImage',
        ],
        resources: [this.repository.repositoryArn],
      }),
    );
    const blobs = image.blobs.map(({ digest, file }, index) => {
      const asset = new Asset(this, `Blob${index}`, { path: file });
      pusher.function.addToRolePolicy(
        new PolicyStatement({
          actions: ['s3:GetObject'],
          resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
        }),
      );
      return { Digest: digest, Bucket: asset.s3BucketName, Key: asset.s3ObjectKey };
    });
    const pushed = new CustomResource(this, 'Pushed', {
      serviceToken: pusher.function.functionArn,
      resourceType: 'Custom::ContainerImage',
      serviceTimeout: Duration.seconds(PUSH_S * 2),
      properties: {
        RepositoryName: this.repository.repositoryName,
        Tag: image.tag,
        ImageDigest: image.digest,
        Manifest: image.manifest,
        MediaType: image.mediaType,
        Blobs: blobs,
      },
    });
    // CloudFormation must not call the function before its policy exists.
    pushed.node.addDependency(pusher);
    this.tag = image.tag;
    this.uri = `${this.repository.repositoryUri}@${image.digest}`;
  }
}
