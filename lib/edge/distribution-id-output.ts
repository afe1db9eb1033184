/** Output of the stack with the distribution, which the stack in us-east-1 reads. */
export const distributionIdOutput = 'DistributionId';
