/** HTTP_PORT of the API behind the balancer. */
export const appPort = 8080;
