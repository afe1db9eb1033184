/** Name of the gateway's deployed stage: the first part of every path at the gateway's own address. */
export const gatewayStagePath = 'live';
