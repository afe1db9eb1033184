export const deploymentShapes = ['instances', 'cluster'] as const;

export type DeploymentShape = (typeof deploymentShapes)[number];

/**
 * What runs the app: instances with SQS, or Kubernetes with Kafka. Throws an Error that names both for any
 * other value.
 */
export function deploymentShape(name: unknown): DeploymentShape {
  if (name === undefined) return 'instances';
  const shape = deploymentShapes.find((candidate) => candidate === name);
  if (shape !== undefined) return shape;
  throw new Error(
    `context shape is ${JSON.stringify(name)}: pass -c shape=${deploymentShapes.join(' or -c shape=')}`,
  );
}
